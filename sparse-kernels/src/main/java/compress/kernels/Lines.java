package compress.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

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

  /**
   * Copies {@code floats} numbers from byte {@code fromAt} on, those with even numbers to byte
   * {@code evenAt} and further, those with odd ones to {@code oddAt}.
   */
  static void split(
      MemorySegment from, long fromAt, MemorySegment to, long evenAt, long oddAt, int floats) {
    int i = VECTORS ? VectorLines.split(from, fromAt, to, evenAt, oddAt, floats) : 0;
    for (; i < floats; i++) {
      long at = (i % 2 == 0 ? evenAt : oddAt) + 4L * (i / 2);
      to.set(JAVA_FLOAT, at, from.get(JAVA_FLOAT, fromAt + 4L * i));
    }
  }
}
