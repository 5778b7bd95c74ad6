package compress.kernels.panama;

import compress.kernels.SharedCsr;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Pruned and shared weights times a panel: one weight, looked up in the table, which stays in the
 * first cache.
 */
final class SharedCsrSpmm implements Spmm.Micro<SharedCsr> {
  private static final VectorSpecies<Float> F = Simd.F;
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final long BYTES = Simd.BYTES;

  @Override
  public boolean staysInside() {
    return true;
  }

  @Override
  public long workBefore(SharedCsr w, int row) {
    long work = row;
    for (int slab = 0; slab < w.slabs(); slab++) {
      work += w.start(slab, row) - w.start(slab, 0);
    }
    return work;
  }

  @Override
  public void run(
      SharedCsr w,
      int fromRow,
      int toRow,
      MemorySegment panel,
      long panelAt,
      int vectors,
      MemorySegment out,
      long outAt,
      long outStride) {
    int end = Math.min(toRow, w.rows());
    for (int r = fromRow; r < end; r++) {
      switch (vectors) {
        case 4 -> row4(w, r, panel, panelAt, out, outAt);
        case 2 -> row2(w, r, panel, panelAt, out, outAt);
        default -> row1(w, r, panel, panelAt, out, outAt);
      }
      outAt += outStride;
    }
  }

  private static void row4(
      SharedCsr w, int row, MemorySegment panel, long panelAt, MemorySegment out, long outAt) {
    short[] positions = w.positions();
    byte[] codes = w.codes();
    float[] table = w.table();
    FloatVector s0 = FloatVector.zero(F);
    FloatVector s1 = FloatVector.zero(F);
    FloatVector s2 = FloatVector.zero(F);
    FloatVector s3 = FloatVector.zero(F);
    for (int slab = 0; slab < w.slabs(); slab++) {
      int end = w.start(slab, row + 1);
      for (int i = w.start(slab, row); i < end; i++) {
        long p = panelAt + (positions[i] & 0xffff) * (4 * BYTES);
        FloatVector weight = FloatVector.broadcast(F, table[codes[i] & 0xff]);
        s0 = weight.fma(FloatVector.fromMemorySegment(F, panel, p, LE), s0);
        s1 = weight.fma(FloatVector.fromMemorySegment(F, panel, p + BYTES, LE), s1);
        s2 = weight.fma(FloatVector.fromMemorySegment(F, panel, p + 2 * BYTES, LE), s2);
        s3 = weight.fma(FloatVector.fromMemorySegment(F, panel, p + 3 * BYTES, LE), s3);
      }
      panelAt += w.slabWidth() * (4 * BYTES);
    }
    s0.intoMemorySegment(out, outAt, LE);
    s1.intoMemorySegment(out, outAt + BYTES, LE);
    s2.intoMemorySegment(out, outAt + 2 * BYTES, LE);
    s3.intoMemorySegment(out, outAt + 3 * BYTES, LE);
  }

  private static void row2(
      SharedCsr w, int row, MemorySegment panel, long panelAt, MemorySegment out, long outAt) {
    short[] positions = w.positions();
    byte[] codes = w.codes();
    float[] table = w.table();
    FloatVector s0 = FloatVector.zero(F);
    FloatVector s1 = FloatVector.zero(F);
    for (int slab = 0; slab < w.slabs(); slab++) {
      int end = w.start(slab, row + 1);
      for (int i = w.start(slab, row); i < end; i++) {
        long p = panelAt + (positions[i] & 0xffff) * (2 * BYTES);
        FloatVector weight = FloatVector.broadcast(F, table[codes[i] & 0xff]);
        s0 = weight.fma(FloatVector.fromMemorySegment(F, panel, p, LE), s0);
        s1 = weight.fma(FloatVector.fromMemorySegment(F, panel, p + BYTES, LE), s1);
      }
      panelAt += w.slabWidth() * (2 * BYTES);
    }
    s0.intoMemorySegment(out, outAt, LE);
    s1.intoMemorySegment(out, outAt + BYTES, LE);
  }

  private static void row1(
      SharedCsr w, int row, MemorySegment panel, long panelAt, MemorySegment out, long outAt) {
    short[] positions = w.positions();
    byte[] codes = w.codes();
    float[] table = w.table();
    FloatVector s0 = FloatVector.zero(F);
    for (int slab = 0; slab < w.slabs(); slab++) {
      int end = w.start(slab, row + 1);
      for (int i = w.start(slab, row); i < end; i++) {
        long p = panelAt + (positions[i] & 0xffff) * (1 * BYTES);
        FloatVector weight = FloatVector.broadcast(F, table[codes[i] & 0xff]);
        s0 = weight.fma(FloatVector.fromMemorySegment(F, panel, p, LE), s0);
      }
      panelAt += w.slabWidth() * (1 * BYTES);
    }
    s0.intoMemorySegment(out, outAt, LE);
  }
}
