package compress.kernels.panama;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import compress.kernels.Blocks;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;

/**
 * Blocks times one column: the rows of a block lie side by side in a vector, so a block is a load,
 * an activation and a product. The vector is as wide as the block is high.
 */
final class BlockGemv implements Gemv.Micro<Blocks> {
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;

  @Override
  public long inputBytes(Blocks w) {
    return 4L * (w.columns() + w.blockColumns());
  }

  /** Blocks of 4, 8 or 16 rows, if a vector is as wide. */
  static boolean takes(Blocks w) {
    return BlockSpmm.takes(w) && w.blockRows() <= Simd.L;
  }

  @Override
  public int unit(Blocks w) {
    return w.blockRows();
  }

  @Override
  public long workBefore(Blocks w, int row) {
    return w.start(Math.min(w.down(), Math.ceilDiv(row, w.blockRows())));
  }

  @Override
  public void run(Blocks w, int fromRow, int toRow, MemorySegment x, MemorySegment out) {
    for (int r = fromRow; r < toRow; r += w.blockRows()) {
      int from = w.start(r / w.blockRows());
      int to = w.start(r / w.blockRows() + 1);
      long at = 4L * (r - fromRow);
      switch (w.blockRows()) {
        case 16 -> rows16(w, from, to, x, out, at);
        case 8 -> rows8(w, from, to, x, out, at);
        default -> rows4(w, from, to, x, out, at);
      }
    }
  }

  private static void rows16(
      Blocks w, int from, int to, MemorySegment x, MemorySegment out, long outAt) {
    MemorySegment values = w.values();
    MemorySegment positions = w.positions();
    int across = w.blockColumns();
    FloatVector s0 = FloatVector.zero(FloatVector.SPECIES_512);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    int b = from;
    if (across == 1) {
      for (; b <= to - 4; b += 4) {
        long at = 64L * b;
        float x0 = x.get(JAVA_FLOAT, 4L * positions.get(JAVA_INT, 4L * b));
        s0 =
            FloatVector.fromMemorySegment(FloatVector.SPECIES_512, values, at, LE)
                .fma(FloatVector.broadcast(FloatVector.SPECIES_512, x0), s0);
        float x1 = x.get(JAVA_FLOAT, 4L * positions.get(JAVA_INT, 4L * b + 4));
        s1 =
            FloatVector.fromMemorySegment(FloatVector.SPECIES_512, values, at + 64, LE)
                .fma(FloatVector.broadcast(FloatVector.SPECIES_512, x1), s1);
        float x2 = x.get(JAVA_FLOAT, 4L * positions.get(JAVA_INT, 4L * b + 8));
        s2 =
            FloatVector.fromMemorySegment(FloatVector.SPECIES_512, values, at + 128, LE)
                .fma(FloatVector.broadcast(FloatVector.SPECIES_512, x2), s2);
        float x3 = x.get(JAVA_FLOAT, 4L * positions.get(JAVA_INT, 4L * b + 12));
        s3 =
            FloatVector.fromMemorySegment(FloatVector.SPECIES_512, values, at + 192, LE)
                .fma(FloatVector.broadcast(FloatVector.SPECIES_512, x3), s3);
      }
    }
    for (; b < to; b++) {
      long first = 4L * positions.get(JAVA_INT, 4L * b) * across;
      for (int c = 0; c < across; c++) {
        float xc = x.get(JAVA_FLOAT, first + 4L * c);
        s0 =
            FloatVector.fromMemorySegment(
                    FloatVector.SPECIES_512, values, 64L * ((long) b * across + c), LE)
                .fma(FloatVector.broadcast(FloatVector.SPECIES_512, xc), s0);
      }
    }
    s0.add(s1).add(s2.add(s3)).intoMemorySegment(out, outAt, LE);
  }

  private static void rows8(
      Blocks w, int from, int to, MemorySegment x, MemorySegment out, long outAt) {
    MemorySegment values = w.values();
    MemorySegment positions = w.positions();
    int across = w.blockColumns();
    FloatVector s0 = FloatVector.zero(FloatVector.SPECIES_256);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    int b = from;
    if (across == 1) {
      for (; b <= to - 4; b += 4) {
        long at = 32L * b;
        float x0 = x.get(JAVA_FLOAT, 4L * positions.get(JAVA_INT, 4L * b));
        s0 =
            FloatVector.fromMemorySegment(FloatVector.SPECIES_256, values, at, LE)
                .fma(FloatVector.broadcast(FloatVector.SPECIES_256, x0), s0);
        float x1 = x.get(JAVA_FLOAT, 4L * positions.get(JAVA_INT, 4L * b + 4));
        s1 =
            FloatVector.fromMemorySegment(FloatVector.SPECIES_256, values, at + 32, LE)
                .fma(FloatVector.broadcast(FloatVector.SPECIES_256, x1), s1);
        float x2 = x.get(JAVA_FLOAT, 4L * positions.get(JAVA_INT, 4L * b + 8));
        s2 =
            FloatVector.fromMemorySegment(FloatVector.SPECIES_256, values, at + 64, LE)
                .fma(FloatVector.broadcast(FloatVector.SPECIES_256, x2), s2);
        float x3 = x.get(JAVA_FLOAT, 4L * positions.get(JAVA_INT, 4L * b + 12));
        s3 =
            FloatVector.fromMemorySegment(FloatVector.SPECIES_256, values, at + 96, LE)
                .fma(FloatVector.broadcast(FloatVector.SPECIES_256, x3), s3);
      }
    }
    for (; b < to; b++) {
      long first = 4L * positions.get(JAVA_INT, 4L * b) * across;
      for (int c = 0; c < across; c++) {
        float xc = x.get(JAVA_FLOAT, first + 4L * c);
        s0 =
            FloatVector.fromMemorySegment(
                    FloatVector.SPECIES_256, values, 32L * ((long) b * across + c), LE)
                .fma(FloatVector.broadcast(FloatVector.SPECIES_256, xc), s0);
      }
    }
    s0.add(s1).add(s2.add(s3)).intoMemorySegment(out, outAt, LE);
  }

  private static void rows4(
      Blocks w, int from, int to, MemorySegment x, MemorySegment out, long outAt) {
    MemorySegment values = w.values();
    MemorySegment positions = w.positions();
    int across = w.blockColumns();
    FloatVector s0 = FloatVector.zero(FloatVector.SPECIES_128);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    int b = from;
    if (across == 1) {
      for (; b <= to - 4; b += 4) {
        long at = 16L * b;
        float x0 = x.get(JAVA_FLOAT, 4L * positions.get(JAVA_INT, 4L * b));
        s0 =
            FloatVector.fromMemorySegment(FloatVector.SPECIES_128, values, at, LE)
                .fma(FloatVector.broadcast(FloatVector.SPECIES_128, x0), s0);
        float x1 = x.get(JAVA_FLOAT, 4L * positions.get(JAVA_INT, 4L * b + 4));
        s1 =
            FloatVector.fromMemorySegment(FloatVector.SPECIES_128, values, at + 16, LE)
                .fma(FloatVector.broadcast(FloatVector.SPECIES_128, x1), s1);
        float x2 = x.get(JAVA_FLOAT, 4L * positions.get(JAVA_INT, 4L * b + 8));
        s2 =
            FloatVector.fromMemorySegment(FloatVector.SPECIES_128, values, at + 32, LE)
                .fma(FloatVector.broadcast(FloatVector.SPECIES_128, x2), s2);
        float x3 = x.get(JAVA_FLOAT, 4L * positions.get(JAVA_INT, 4L * b + 12));
        s3 =
            FloatVector.fromMemorySegment(FloatVector.SPECIES_128, values, at + 48, LE)
                .fma(FloatVector.broadcast(FloatVector.SPECIES_128, x3), s3);
      }
    }
    for (; b < to; b++) {
      long first = 4L * positions.get(JAVA_INT, 4L * b) * across;
      for (int c = 0; c < across; c++) {
        float xc = x.get(JAVA_FLOAT, first + 4L * c);
        s0 =
            FloatVector.fromMemorySegment(
                    FloatVector.SPECIES_128, values, 16L * ((long) b * across + c), LE)
                .fma(FloatVector.broadcast(FloatVector.SPECIES_128, xc), s0);
      }
    }
    s0.add(s1).add(s2.add(s3)).intoMemorySegment(out, outAt, LE);
  }
}
