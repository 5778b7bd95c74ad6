package compress.kernels;

import compress.kernels.panama.VectorLines;
import java.lang.foreign.MemorySegment;

/** Short rows of floats, too short for a call of the system's copy to be worth it. */
final class Lines {
  private static final boolean VECTORS = KernelCatalog.hasVectorApi();

  private Lines() {}

  /** Copies {@code floats} numbers between bytes {@code fromAt} and {@code toAt}. */
  static void copy(MemorySegment from, long fromAt, MemorySegment to, long toAt, int floats) {
    if (VECTORS) {
      VectorLines.copy(from, fromAt, to, toAt, floats);
    } else {
      MemorySegment.copy(from, fromAt, to, toAt, 4L * floats);
    }
  }
}
