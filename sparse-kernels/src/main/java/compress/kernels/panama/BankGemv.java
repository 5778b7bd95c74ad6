package compress.kernels.panama;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import compress.kernels.BankBalanced;
import compress.kernels.Layout;
import compress.kernels.Matrix;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Bank-balanced weights times one column. The activations of a bank of up to 64 columns fill one to
 * four registers, and a position chooses from them: 16 rows in step, nothing scattered and nothing
 * filled up. Wider banks, and vectors of fewer than 16 floats, load one by one.
 */
final class BankGemv implements Gemv.FloatMicro<BankBalanced> {
  private static final VectorSpecies<Float> F = FloatVector.SPECIES_512;
  private static final VectorSpecies<Integer> I = IntVector.SPECIES_512;
  private static final int TILE = Layout.TILE;

  /** Columns from one bank to the next: 16, 32, 64, or as many as a bank has. */
  private static int stride(BankBalanced w) {
    int width = w.bankWidth();
    if (Simd.L < TILE || width > 64) {
      return width;
    }
    return width <= 16 ? 16 : width <= 32 ? 32 : 64;
  }

  @Override
  public int inputFloats(BankBalanced w) {
    return w.banks() * stride(w);
  }

  @Override
  public void fill(BankBalanced w, Matrix x, int column, float[] to) {
    Arrays.fill(to, 0, inputFloats(w), 0);
    for (int b = 0; b < w.banks(); b++) {
      int from = b * w.bankWidth();
      int end = Math.min(w.columns(), from + w.bankWidth());
      Columns.copy(x, column, from, end, to, b * stride(w));
    }
  }

  @Override
  public void run(BankBalanced w, int fromRow, int toRow, float[] x, MemorySegment out) {
    for (int r = fromRow; r < toRow; r += TILE) {
      int at = w.index(r, 0, 0);
      long to = 4L * (r - fromRow);
      if (Simd.L < TILE || w.bankWidth() > 64) {
        rows8(w, at, x, w.bankWidth(), out, to);
        rows8(w, at + 8, x, w.bankWidth(), out, to + 32);
      } else {
        switch (stride(w)) {
          case 16 -> tile1(w, at, x, out, to);
          case 32 -> tile2(w, at, x, out, to);
          default -> tile4(w, at, x, out, to);
        }
      }
    }
  }

  /** Banks of up to 16 columns. */
  private static void tile1(BankBalanced w, int at, float[] x, MemorySegment out, long to) {
    float[] values = w.values();
    byte[] positions = w.positions();
    int kept = w.kept();
    int banks = w.banks();
    FloatVector s0 = FloatVector.zero(F);
    for (int b = 0; b < banks; b++) {
      IntVector x0 = FloatVector.fromArray(F, x, 16 * b).reinterpretAsInts();
      for (int i = 0; i < kept; i++) {
        IntVector p =
            (IntVector)
                ByteVector.fromArray(ByteVector.SPECIES_128, positions, at)
                    .convertShape(VectorOperators.B2I, I, 0);
        FloatVector chosen = p.selectFrom(x0).reinterpretAsFloats();
        s0 = FloatVector.fromArray(F, values, at).fma(chosen, s0);
        at += TILE;
      }
    }
    s0.intoMemorySegment(out, to, ByteOrder.LITTLE_ENDIAN);
  }

  /** Banks of up to 32 columns. */
  private static void tile2(BankBalanced w, int at, float[] x, MemorySegment out, long to) {
    float[] values = w.values();
    byte[] positions = w.positions();
    int kept = w.kept();
    int banks = w.banks();
    FloatVector s0 = FloatVector.zero(F);
    for (int b = 0; b < banks; b++) {
      IntVector x0 = FloatVector.fromArray(F, x, 32 * b).reinterpretAsInts();
      IntVector x1 = FloatVector.fromArray(F, x, 32 * b + 16).reinterpretAsInts();
      for (int i = 0; i < kept; i++) {
        IntVector p =
            (IntVector)
                ByteVector.fromArray(ByteVector.SPECIES_128, positions, at)
                    .convertShape(VectorOperators.B2I, I, 0);
        FloatVector chosen = p.selectFrom(x0, x1).reinterpretAsFloats();
        s0 = FloatVector.fromArray(F, values, at).fma(chosen, s0);
        at += TILE;
      }
    }
    s0.intoMemorySegment(out, to, ByteOrder.LITTLE_ENDIAN);
  }

  /** Banks of up to 64 columns. */
  private static void tile4(BankBalanced w, int at, float[] x, MemorySegment out, long to) {
    float[] values = w.values();
    byte[] positions = w.positions();
    int kept = w.kept();
    int banks = w.banks();
    FloatVector s0 = FloatVector.zero(F);
    for (int b = 0; b < banks; b++) {
      IntVector x0 = FloatVector.fromArray(F, x, 64 * b).reinterpretAsInts();
      IntVector x1 = FloatVector.fromArray(F, x, 64 * b + 16).reinterpretAsInts();
      IntVector x2 = FloatVector.fromArray(F, x, 64 * b + 32).reinterpretAsInts();
      IntVector x3 = FloatVector.fromArray(F, x, 64 * b + 48).reinterpretAsInts();
      for (int i = 0; i < kept; i++) {
        IntVector p =
            (IntVector)
                ByteVector.fromArray(ByteVector.SPECIES_128, positions, at)
                    .convertShape(VectorOperators.B2I, I, 0);
        FloatVector chosen =
            p.selectFrom(x0, x1)
                .blend(p.selectFrom(x2, x3), p.and(32).compare(VectorOperators.NE, 0))
                .reinterpretAsFloats();
        s0 = FloatVector.fromArray(F, values, at).fma(chosen, s0);
        at += TILE;
      }
    }
    s0.intoMemorySegment(out, to, ByteOrder.LITTLE_ENDIAN);
  }

  /** Eight rows, each with a sum of its own. */
  private static void rows8(
      BankBalanced w, int at, float[] x, int stride, MemorySegment out, long to) {
    float[] values = w.values();
    byte[] positions = w.positions();
    int kept = w.kept();
    int banks = w.banks();
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    float s4 = 0;
    float s5 = 0;
    float s6 = 0;
    float s7 = 0;
    for (int b = 0; b < banks; b++) {
      int bank = b * stride;
      for (int i = 0; i < kept; i++) {
        s0 += values[at] * x[bank + (positions[at] & 0xff)];
        s1 += values[at + 1] * x[bank + (positions[at + 1] & 0xff)];
        s2 += values[at + 2] * x[bank + (positions[at + 2] & 0xff)];
        s3 += values[at + 3] * x[bank + (positions[at + 3] & 0xff)];
        s4 += values[at + 4] * x[bank + (positions[at + 4] & 0xff)];
        s5 += values[at + 5] * x[bank + (positions[at + 5] & 0xff)];
        s6 += values[at + 6] * x[bank + (positions[at + 6] & 0xff)];
        s7 += values[at + 7] * x[bank + (positions[at + 7] & 0xff)];
        at += TILE;
      }
    }
    out.set(JAVA_FLOAT, to, s0);
    out.set(JAVA_FLOAT, to + 4, s1);
    out.set(JAVA_FLOAT, to + 8, s2);
    out.set(JAVA_FLOAT, to + 12, s3);
    out.set(JAVA_FLOAT, to + 16, s4);
    out.set(JAVA_FLOAT, to + 20, s5);
    out.set(JAVA_FLOAT, to + 24, s6);
    out.set(JAVA_FLOAT, to + 28, s7);
  }
}
