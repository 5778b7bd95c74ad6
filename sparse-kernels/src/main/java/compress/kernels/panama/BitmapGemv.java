package compress.kernels.panama;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import compress.kernels.Bitmap;
import compress.kernels.Matrix;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * A bitmap and what it keeps, times one column: 16 bits at a time say to which lanes the next kept
 * weights go, which is one instruction on machines with vectors of 512 bits.
 */
final class BitmapGemv implements Gemv.FloatMicro<Bitmap> {
  private static final VectorSpecies<Float> F = FloatVector.SPECIES_512;
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;

  @Override
  public int lanes() {
    return 16;
  }

  /** Columns are filled up with zeros to whole words of the bitmap. */
  @Override
  public int inputFloats(Bitmap w) {
    return 64 * w.words();
  }

  @Override
  public void fill(Bitmap w, Matrix x, int column, float[] to) {
    Arrays.fill(to, w.columns(), inputFloats(w), 0);
    Columns.copy(x, column, 0, x.rows(), to, 0);
  }

  @Override
  public int unit(Bitmap w) {
    return 1;
  }

  @Override
  public long workBefore(Bitmap w, int row) {
    return w.start(row) + (long) row * w.words();
  }

  @Override
  public void run(Bitmap w, int fromRow, int toRow, float[] x, MemorySegment out) {
    for (int r = fromRow; r < toRow; r++) {
      float sum = dot(w, r, w.start(r), x);
      out.set(JAVA_FLOAT, 4L * (r - fromRow), sum);
    }
  }

  private static float dot(Bitmap w, int row, int start, float[] x) {
    MemorySegment bitmap = w.bitmap();
    MemorySegment values = w.values();
    long wordAt = 8L * row * w.words();
    long at = 4L * start;
    FloatVector s0 = FloatVector.zero(F);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    for (int i = 0; i < w.words(); i++) {
      long bits = bitmap.get(JAVA_LONG, wordAt + 8L * i);
      int xAt = 64 * i;
      long b0 = bits & 0xffff;
      FloatVector w0 =
          FloatVector.fromMemorySegment(F, values, at, LE).expand(VectorMask.fromLong(F, b0));
      s0 = w0.fma(FloatVector.fromArray(F, x, xAt), s0);
      at += 4L * Long.bitCount(b0);
      long b1 = bits >>> 16 & 0xffff;
      FloatVector w1 =
          FloatVector.fromMemorySegment(F, values, at, LE).expand(VectorMask.fromLong(F, b1));
      s1 = w1.fma(FloatVector.fromArray(F, x, xAt + 16), s1);
      at += 4L * Long.bitCount(b1);
      long b2 = bits >>> 32 & 0xffff;
      FloatVector w2 =
          FloatVector.fromMemorySegment(F, values, at, LE).expand(VectorMask.fromLong(F, b2));
      s2 = w2.fma(FloatVector.fromArray(F, x, xAt + 32), s2);
      at += 4L * Long.bitCount(b2);
      long b3 = bits >>> 48 & 0xffff;
      FloatVector w3 =
          FloatVector.fromMemorySegment(F, values, at, LE).expand(VectorMask.fromLong(F, b3));
      s3 = w3.fma(FloatVector.fromArray(F, x, xAt + 48), s3);
      at += 4L * Long.bitCount(b3);
    }
    return s0.add(s1).add(s2.add(s3)).reduceLanes(VectorOperators.ADD);
  }
}
