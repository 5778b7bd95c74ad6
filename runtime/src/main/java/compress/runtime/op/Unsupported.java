package compress.runtime.op;

/** A node that cannot be run. The message begins with what the node is called. */
public final class Unsupported extends RuntimeException {
  private static final long serialVersionUID = 1;

  public Unsupported(String message) {
    super(message);
  }
}
