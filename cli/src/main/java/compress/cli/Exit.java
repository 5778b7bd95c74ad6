package compress.cli;

/** The numbers that a command ends with, for scripts and continuous integration. */
public final class Exit {
  public static final int DONE = 0;

  /** The work failed: no disk, no memory, a diverged training. */
  public static final int FAILED = 1;

  /** The command or the recipe is wrong. */
  public static final int USAGE = 2;

  /**
   * A bound was missed: {@code --max-drop}, {@code --min-ratio}, {@code --max-bytes}, {@code
   * --min-speedup}.
   */
  public static final int GATE_MISSED = 3;

  /** An input is damaged, or holds what is not supported. */
  public static final int BAD_INPUT = 4;

  /** Something was skipped under {@code --strict}. */
  public static final int SKIPPED = 5;

  private Exit() {}
}
