package compress.runtime.op;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Copies between two layouts of the same shape, whatever the type. */
final class Copies {
  /** Edge of the squares in which a matrix is transposed. */
  private static final int SQUARE = 16;

  private Copies() {}

  /** {@code to} receives the elements of {@code from}; the memory of the two does not overlap. */
  static Work of(Value from, Value to) {
    Nest nest = Nest.of(to, from);
    int bytes = Elements.bytes(from.type());
    long into = nest.innerStride(0);
    long out = nest.innerStride(1);
    if (nest.inner() > 1 && out != 1 && into == 1 && nest.rank() > 1 && nest.isUnit(1)) {
      return transposing(nest.withUnitSecond(1), from, to, bytes);
    }
    return threads ->
        nest.run(
            threads,
            (worker, at, n) -> {
              MemorySegment source = from.data();
              MemorySegment target = to.data();
              if (into == 1 && out == 1) {
                MemorySegment.copy(source, at[1] * bytes, target, at[0] * bytes, (long) n * bytes);
              } else {
                line(source, at[1], out, target, at[0], into, n, bytes);
              }
            });
  }

  /** The inner axis is contiguous in the target, the one around it in the source. */
  private static Work transposing(Nest nest, Value from, Value to, int bytes) {
    int m = nest.second();
    long out = nest.innerStride(1);
    long into = nest.secondStride(0);
    return threads ->
        nest.runPairs(
            threads,
            (worker, at, n) -> {
              MemorySegment source = from.data();
              MemorySegment target = to.data();
              for (int i = 0; i < m; i += SQUARE) {
                int height = Math.min(SQUARE, m - i);
                for (int j = 0; j < n; j += SQUARE) {
                  int width = Math.min(SQUARE, n - j);
                  for (int r = 0; r < height; r++) {
                    long a = at[1] + (i + r) + j * out;
                    long b = at[0] + (i + r) * into + j;
                    line(source, a, out, target, b, 1, width, bytes);
                  }
                }
              }
            });
  }

  private static void line(
      MemorySegment from, long a, long out, MemorySegment to, long b, long into, int n, int bytes) {
    switch (bytes) {
      case 4 -> {
        for (int i = 0; i < n; i++) {
          to.setAtIndex(
              ValueLayout.JAVA_INT,
              b + i * into,
              from.getAtIndex(ValueLayout.JAVA_INT, a + i * out));
        }
      }
      case 8 -> {
        for (int i = 0; i < n; i++) {
          to.setAtIndex(
              ValueLayout.JAVA_LONG,
              b + i * into,
              from.getAtIndex(ValueLayout.JAVA_LONG, a + i * out));
        }
      }
      case 1 -> {
        for (int i = 0; i < n; i++) {
          to.set(ValueLayout.JAVA_BYTE, b + i * into, from.get(ValueLayout.JAVA_BYTE, a + i * out));
        }
      }
      default -> {
        for (int i = 0; i < n; i++) {
          MemorySegment.copy(from, (a + i * out) * bytes, to, (b + i * into) * bytes, bytes);
        }
      }
    }
  }
}
