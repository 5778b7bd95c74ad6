package compress.model;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A file that cannot be used: damaged, lying about itself, or holding what we do not handle. The
 * message says where, what was found and, where something would help, what would.
 */
public final class FormatException extends IOException {
  /** The position of an error that has none. */
  public static final long NOWHERE = -1;

  private final Path file;
  private final long offset;

  /**
   * @param offset bytes from the start of {@code file}, or {@link #NOWHERE}
   * @param reason what was found and what would do
   */
  public FormatException(Path file, long offset, String reason) {
    super(file + (offset == NOWHERE ? "" : ", byte " + offset) + ": " + reason);
    this.file = file;
    this.offset = offset;
  }

  public FormatException(Path file, long offset, String reason, Throwable cause) {
    this(file, offset, reason);
    initCause(cause);
  }

  public Path file() {
    return file;
  }

  public long offset() {
    return offset;
  }
}
