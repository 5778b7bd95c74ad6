package compress.kernels;

import compress.kernels.panama.VectorLines;
import java.lang.foreign.MemorySegment;

/** Short rows of floats, too short for a call of the system's copy to be worth it. */
final class Lines {
  private static final boolean VECTORS = KernelCatalog.hasVectorApi();

  private Lines() {}

  /**
   * Copies {@code count} lines of {@code floats} numbers each that follow each other, from byte
   * {@code fromAt} on, to byte {@code toAt} and each {@code stride} bytes after the one before.
   */
  static void copy(
      MemorySegment from,
      long fromAt,
      MemorySegment to,
      long toAt,
      long stride,
      int count,
      int floats) {
    if (VECTORS) {
      VectorLines.copy(from, fromAt, to, toAt, stride, count, floats);
      return;
    }
    for (int l = 0; l < count; l++) {
      MemorySegment.copy(from, fromAt + 4L * l * floats, to, toAt + l * stride, 4L * floats);
    }
  }
}
