package compress.kernels.panama;

import compress.kernels.Blocks;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;

/**
 * Strips times one column: the rows of a strip lie side by side in a vector, so each position is a
 * load, an activation and a product. The vector is as wide as the strip is high.
 */
final class BlockGemv implements Gemv.FloatMicro<Blocks> {
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;

  /** Strips of 4 or 8 rows, if a vector is as wide. */
  static boolean takes(Blocks w) {
    return BlockSpmm.takes(w) && w.stripRows() <= Simd.L;
  }

  @Override
  public int unit(Blocks w) {
    return w.stripRows();
  }

  @Override
  public long workBefore(Blocks w, int row) {
    int strip = Math.min(w.strips(), Math.ceilDiv(row, w.stripRows()));
    return strip + (long) w.starts()[strip];
  }

  @Override
  public void run(Blocks w, int fromRow, int toRow, float[] x, MemorySegment out) {
    int height = w.stripRows();
    for (int strip = fromRow / height; strip < toRow / height; strip++) {
      int from = w.starts()[strip];
      int to = w.starts()[strip + 1];
      long at = 4L * (strip * height - fromRow);
      if (height == 8) {
        rows8(w, from, to, x, out, at);
      } else {
        rows4(w, from, to, x, out, at);
      }
    }
  }

  private static void rows8(Blocks w, int from, int to, float[] x, MemorySegment out, long outAt) {
    int[] positions = w.positions();
    float[] values = w.values();
    FloatVector s0 = FloatVector.zero(FloatVector.SPECIES_256);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    int i = from;
    for (; i <= to - 4; i += 4) {
      float x0 = x[positions[i]];
      s0 =
          FloatVector.fromArray(FloatVector.SPECIES_256, values, 8 * i)
              .fma(FloatVector.broadcast(FloatVector.SPECIES_256, x0), s0);
      float x1 = x[positions[i + 1]];
      s1 =
          FloatVector.fromArray(FloatVector.SPECIES_256, values, 8 * i + 8)
              .fma(FloatVector.broadcast(FloatVector.SPECIES_256, x1), s1);
      float x2 = x[positions[i + 2]];
      s2 =
          FloatVector.fromArray(FloatVector.SPECIES_256, values, 8 * i + 16)
              .fma(FloatVector.broadcast(FloatVector.SPECIES_256, x2), s2);
      float x3 = x[positions[i + 3]];
      s3 =
          FloatVector.fromArray(FloatVector.SPECIES_256, values, 8 * i + 24)
              .fma(FloatVector.broadcast(FloatVector.SPECIES_256, x3), s3);
    }
    for (; i < to; i++) {
      float x0 = x[positions[i]];
      s0 =
          FloatVector.fromArray(FloatVector.SPECIES_256, values, 8 * i)
              .fma(FloatVector.broadcast(FloatVector.SPECIES_256, x0), s0);
    }
    s0.add(s1).add(s2.add(s3)).intoMemorySegment(out, outAt, LE);
  }

  private static void rows4(Blocks w, int from, int to, float[] x, MemorySegment out, long outAt) {
    int[] positions = w.positions();
    float[] values = w.values();
    FloatVector s0 = FloatVector.zero(FloatVector.SPECIES_128);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    int i = from;
    for (; i <= to - 4; i += 4) {
      float x0 = x[positions[i]];
      s0 =
          FloatVector.fromArray(FloatVector.SPECIES_128, values, 4 * i)
              .fma(FloatVector.broadcast(FloatVector.SPECIES_128, x0), s0);
      float x1 = x[positions[i + 1]];
      s1 =
          FloatVector.fromArray(FloatVector.SPECIES_128, values, 4 * i + 4)
              .fma(FloatVector.broadcast(FloatVector.SPECIES_128, x1), s1);
      float x2 = x[positions[i + 2]];
      s2 =
          FloatVector.fromArray(FloatVector.SPECIES_128, values, 4 * i + 8)
              .fma(FloatVector.broadcast(FloatVector.SPECIES_128, x2), s2);
      float x3 = x[positions[i + 3]];
      s3 =
          FloatVector.fromArray(FloatVector.SPECIES_128, values, 4 * i + 12)
              .fma(FloatVector.broadcast(FloatVector.SPECIES_128, x3), s3);
    }
    for (; i < to; i++) {
      float x0 = x[positions[i]];
      s0 =
          FloatVector.fromArray(FloatVector.SPECIES_128, values, 4 * i)
              .fma(FloatVector.broadcast(FloatVector.SPECIES_128, x0), s0);
    }
    s0.add(s1).add(s2.add(s3)).intoMemorySegment(out, outAt, LE);
  }
}
