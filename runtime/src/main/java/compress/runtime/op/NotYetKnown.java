package compress.runtime.op;

/** The numbers of an input decide about shapes, and are not there before the network runs. */
public final class NotYetKnown extends RuntimeException {
  private static final long serialVersionUID = 1;

  public NotYetKnown() {
    super("the numbers of an input are needed to plan a step", null, false, false);
  }
}
