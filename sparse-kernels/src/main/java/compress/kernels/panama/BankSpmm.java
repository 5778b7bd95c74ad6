package compress.kernels.panama;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import compress.kernels.BankBalanced;
import compress.kernels.Layout;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Bank-balanced weights times a panel, bank by bank, so that the activations of a bank stay in the
 * first cache while all rows use them. Two rows go in step: they have as many weights, so no loop
 * ends where the processor did not expect it.
 */
final class BankSpmm implements Spmm.Micro<BankBalanced> {
  private static final VectorSpecies<Float> F = Simd.F;
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final long BYTES = Simd.BYTES;
  private static final int TILE = Layout.TILE;

  @Override
  public void run(
      BankBalanced w,
      int fromRow,
      int toRow,
      MemorySegment panel,
      long panelAt,
      int vectors,
      MemorySegment out,
      long outAt,
      long outStride) {
    for (int b = 0; b < w.banks(); b++) {
      long at = panelAt + (long) b * w.bankWidth() * vectors * BYTES;
      for (int r = fromRow; r < toRow; r += 2) {
        long entry = w.index(r, b, 0);
        long to = outAt + (r - fromRow) * outStride;
        switch (vectors) {
          case 4 -> pair4(w, entry, b == 0, panel, at, out, to, outStride);
          case 2 -> pair2(w, entry, b == 0, panel, at, out, to, outStride);
          default -> pair1(w, entry, b == 0, panel, at, out, to, outStride);
        }
      }
    }
  }

  private static void pair4(
      BankBalanced w,
      long entry,
      boolean first,
      MemorySegment panel,
      long panelAt,
      MemorySegment out,
      long outAt,
      long outStride) {
    MemorySegment values = w.values();
    MemorySegment positions = w.positions();
    int kept = w.kept();
    long next = outAt + outStride;
    FloatVector s00 =
        first ? FloatVector.zero(F) : FloatVector.fromMemorySegment(F, out, outAt, LE);
    FloatVector s01 =
        first ? FloatVector.zero(F) : FloatVector.fromMemorySegment(F, out, outAt + BYTES, LE);
    FloatVector s02 =
        first ? FloatVector.zero(F) : FloatVector.fromMemorySegment(F, out, outAt + 2 * BYTES, LE);
    FloatVector s03 =
        first ? FloatVector.zero(F) : FloatVector.fromMemorySegment(F, out, outAt + 3 * BYTES, LE);
    FloatVector s10 = first ? FloatVector.zero(F) : FloatVector.fromMemorySegment(F, out, next, LE);
    FloatVector s11 =
        first ? FloatVector.zero(F) : FloatVector.fromMemorySegment(F, out, next + BYTES, LE);
    FloatVector s12 =
        first ? FloatVector.zero(F) : FloatVector.fromMemorySegment(F, out, next + 2 * BYTES, LE);
    FloatVector s13 =
        first ? FloatVector.zero(F) : FloatVector.fromMemorySegment(F, out, next + 3 * BYTES, LE);
    for (int i = 0; i < kept; i++) {
      long at = entry + (long) i * TILE;
      long p = panelAt + (positions.get(JAVA_BYTE, at) & 0xff) * (4 * BYTES);
      long q = panelAt + (positions.get(JAVA_BYTE, at + 1) & 0xff) * (4 * BYTES);
      FloatVector w0 = FloatVector.broadcast(F, values.get(JAVA_FLOAT, 4 * at));
      FloatVector w1 = FloatVector.broadcast(F, values.get(JAVA_FLOAT, 4 * at + 4));
      s00 = w0.fma(FloatVector.fromMemorySegment(F, panel, p, LE), s00);
      s01 = w0.fma(FloatVector.fromMemorySegment(F, panel, p + BYTES, LE), s01);
      s02 = w0.fma(FloatVector.fromMemorySegment(F, panel, p + 2 * BYTES, LE), s02);
      s03 = w0.fma(FloatVector.fromMemorySegment(F, panel, p + 3 * BYTES, LE), s03);
      s10 = w1.fma(FloatVector.fromMemorySegment(F, panel, q, LE), s10);
      s11 = w1.fma(FloatVector.fromMemorySegment(F, panel, q + BYTES, LE), s11);
      s12 = w1.fma(FloatVector.fromMemorySegment(F, panel, q + 2 * BYTES, LE), s12);
      s13 = w1.fma(FloatVector.fromMemorySegment(F, panel, q + 3 * BYTES, LE), s13);
    }
    s00.intoMemorySegment(out, outAt, LE);
    s01.intoMemorySegment(out, outAt + BYTES, LE);
    s02.intoMemorySegment(out, outAt + 2 * BYTES, LE);
    s03.intoMemorySegment(out, outAt + 3 * BYTES, LE);
    s10.intoMemorySegment(out, next, LE);
    s11.intoMemorySegment(out, next + BYTES, LE);
    s12.intoMemorySegment(out, next + 2 * BYTES, LE);
    s13.intoMemorySegment(out, next + 3 * BYTES, LE);
  }

  private static void pair2(
      BankBalanced w,
      long entry,
      boolean first,
      MemorySegment panel,
      long panelAt,
      MemorySegment out,
      long outAt,
      long outStride) {
    MemorySegment values = w.values();
    MemorySegment positions = w.positions();
    int kept = w.kept();
    long next = outAt + outStride;
    FloatVector s00 =
        first ? FloatVector.zero(F) : FloatVector.fromMemorySegment(F, out, outAt, LE);
    FloatVector s01 =
        first ? FloatVector.zero(F) : FloatVector.fromMemorySegment(F, out, outAt + BYTES, LE);
    FloatVector s10 = first ? FloatVector.zero(F) : FloatVector.fromMemorySegment(F, out, next, LE);
    FloatVector s11 =
        first ? FloatVector.zero(F) : FloatVector.fromMemorySegment(F, out, next + BYTES, LE);
    for (int i = 0; i < kept; i++) {
      long at = entry + (long) i * TILE;
      long p = panelAt + (positions.get(JAVA_BYTE, at) & 0xff) * (2 * BYTES);
      long q = panelAt + (positions.get(JAVA_BYTE, at + 1) & 0xff) * (2 * BYTES);
      FloatVector w0 = FloatVector.broadcast(F, values.get(JAVA_FLOAT, 4 * at));
      FloatVector w1 = FloatVector.broadcast(F, values.get(JAVA_FLOAT, 4 * at + 4));
      s00 = w0.fma(FloatVector.fromMemorySegment(F, panel, p, LE), s00);
      s01 = w0.fma(FloatVector.fromMemorySegment(F, panel, p + BYTES, LE), s01);
      s10 = w1.fma(FloatVector.fromMemorySegment(F, panel, q, LE), s10);
      s11 = w1.fma(FloatVector.fromMemorySegment(F, panel, q + BYTES, LE), s11);
    }
    s00.intoMemorySegment(out, outAt, LE);
    s01.intoMemorySegment(out, outAt + BYTES, LE);
    s10.intoMemorySegment(out, next, LE);
    s11.intoMemorySegment(out, next + BYTES, LE);
  }

  private static void pair1(
      BankBalanced w,
      long entry,
      boolean first,
      MemorySegment panel,
      long panelAt,
      MemorySegment out,
      long outAt,
      long outStride) {
    MemorySegment values = w.values();
    MemorySegment positions = w.positions();
    int kept = w.kept();
    long next = outAt + outStride;
    FloatVector s00 =
        first ? FloatVector.zero(F) : FloatVector.fromMemorySegment(F, out, outAt, LE);
    FloatVector s10 = first ? FloatVector.zero(F) : FloatVector.fromMemorySegment(F, out, next, LE);
    for (int i = 0; i < kept; i++) {
      long at = entry + (long) i * TILE;
      long p = panelAt + (positions.get(JAVA_BYTE, at) & 0xff) * (1 * BYTES);
      long q = panelAt + (positions.get(JAVA_BYTE, at + 1) & 0xff) * (1 * BYTES);
      FloatVector w0 = FloatVector.broadcast(F, values.get(JAVA_FLOAT, 4 * at));
      FloatVector w1 = FloatVector.broadcast(F, values.get(JAVA_FLOAT, 4 * at + 4));
      s00 = w0.fma(FloatVector.fromMemorySegment(F, panel, p, LE), s00);
      s10 = w1.fma(FloatVector.fromMemorySegment(F, panel, q, LE), s10);
    }
    s00.intoMemorySegment(out, outAt, LE);
    s10.intoMemorySegment(out, next, LE);
  }
}
