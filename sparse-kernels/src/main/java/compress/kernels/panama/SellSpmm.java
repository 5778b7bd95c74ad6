package compress.kernels.panama;

import compress.kernels.Sell;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Two sparse rows in step times a panel: each weight, spread over a vector, for up to 4 vectors of
 * activations. All rows go past the activations of one slab before those of the next. Every product
 * loads its activations, so the loads of the first cache are the limit, not the multiplications.
 */
final class SellSpmm implements Spmm.Micro<Sell> {
  private static final VectorSpecies<Float> F = Simd.F;
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final long BYTES = Simd.BYTES;

  @Override
  public int unit() {
    return Sell.WINDOW;
  }

  @Override
  public boolean staysInside() {
    return true;
  }

  @Override
  public long workBefore(Sell w, int row) {
    long work = row;
    for (int slab = 0; slab < w.slabs(); slab++) {
      int window = Math.ceilDiv(row, Sell.WINDOW);
      work += w.starts()[w.pairAt(slab, window)] - w.starts()[w.pairAt(slab, 0)];
    }
    return work;
  }

  @Override
  public void run(
      Sell w,
      int fromRow,
      int toRow,
      MemorySegment panel,
      long panelAt,
      int vectors,
      MemorySegment out,
      long outAt,
      long outStride) {
    int end = Math.ceilDiv(Math.min(toRow, w.rows()), Sell.WINDOW);
    for (int slab = 0; slab < w.slabs(); slab++) {
      long at = panelAt + (long) slab * w.slabWidth() * vectors * BYTES;
      for (int window = fromRow / Sell.WINDOW; window < end; window++) {
        long to = outAt + ((long) window * Sell.WINDOW - fromRow) * outStride;
        window(w, slab, window, panel, at, vectors, out, to, outStride);
      }
    }
  }

  private static void window(
      Sell w,
      int slab,
      int window,
      MemorySegment panel,
      long panelAt,
      int vectors,
      MemorySegment out,
      long outAt,
      long outStride) {
    int[] starts = w.starts();
    int[] positions = w.positions();
    float[] values = w.values();
    boolean add = slab > 0;
    int last = w.pairAt(slab, window + 1);
    for (int pair = w.pairAt(slab, window); pair < last; pair++) {
      int rows = w.pairs()[pair];
      long a = outAt + (rows & 0xffff) * outStride;
      long b = outAt + (rows >>> 16) * outStride;
      int from = starts[pair];
      int to = starts[pair + 1];
      switch (vectors) {
        case 4 -> pair4(positions, values, from, to, panel, panelAt, add, out, a, b);
        case 2 -> pair2(positions, values, from, to, panel, panelAt, add, out, a, b);
        default -> pair1(positions, values, from, to, panel, panelAt, add, out, a, b);
      }
    }
  }

  private static void pair4(
      int[] positions,
      float[] values,
      int from,
      int to,
      MemorySegment panel,
      long panelAt,
      boolean add,
      MemorySegment out,
      long a,
      long b) {
    FloatVector s0 = FloatVector.zero(F);
    FloatVector s1 = FloatVector.zero(F);
    FloatVector s2 = FloatVector.zero(F);
    FloatVector s3 = FloatVector.zero(F);
    FloatVector t0 = FloatVector.zero(F);
    FloatVector t1 = FloatVector.zero(F);
    FloatVector t2 = FloatVector.zero(F);
    FloatVector t3 = FloatVector.zero(F);
    for (int i = from; i < to; i++) {
      int both = positions[i];
      long p = panelAt + (both & 0xffff) * (4 * BYTES);
      long q = panelAt + (both >>> 16) * (4 * BYTES);
      FloatVector v = FloatVector.broadcast(F, values[2 * i]);
      FloatVector w = FloatVector.broadcast(F, values[2 * i + 1]);
      s0 = v.fma(FloatVector.fromMemorySegment(F, panel, p, LE), s0);
      s1 = v.fma(FloatVector.fromMemorySegment(F, panel, p + BYTES, LE), s1);
      s2 = v.fma(FloatVector.fromMemorySegment(F, panel, p + 2 * BYTES, LE), s2);
      s3 = v.fma(FloatVector.fromMemorySegment(F, panel, p + 3 * BYTES, LE), s3);
      t0 = w.fma(FloatVector.fromMemorySegment(F, panel, q, LE), t0);
      t1 = w.fma(FloatVector.fromMemorySegment(F, panel, q + BYTES, LE), t1);
      t2 = w.fma(FloatVector.fromMemorySegment(F, panel, q + 2 * BYTES, LE), t2);
      t3 = w.fma(FloatVector.fromMemorySegment(F, panel, q + 3 * BYTES, LE), t3);
    }
    if (add) {
      s0 = s0.add(FloatVector.fromMemorySegment(F, out, a, LE));
      s1 = s1.add(FloatVector.fromMemorySegment(F, out, a + BYTES, LE));
      s2 = s2.add(FloatVector.fromMemorySegment(F, out, a + 2 * BYTES, LE));
      s3 = s3.add(FloatVector.fromMemorySegment(F, out, a + 3 * BYTES, LE));
      t0 = t0.add(FloatVector.fromMemorySegment(F, out, b, LE));
      t1 = t1.add(FloatVector.fromMemorySegment(F, out, b + BYTES, LE));
      t2 = t2.add(FloatVector.fromMemorySegment(F, out, b + 2 * BYTES, LE));
      t3 = t3.add(FloatVector.fromMemorySegment(F, out, b + 3 * BYTES, LE));
    }
    // The second row first: a row without a partner is its own, and its sums are the first.
    t0.intoMemorySegment(out, b, LE);
    t1.intoMemorySegment(out, b + BYTES, LE);
    t2.intoMemorySegment(out, b + 2 * BYTES, LE);
    t3.intoMemorySegment(out, b + 3 * BYTES, LE);
    s0.intoMemorySegment(out, a, LE);
    s1.intoMemorySegment(out, a + BYTES, LE);
    s2.intoMemorySegment(out, a + 2 * BYTES, LE);
    s3.intoMemorySegment(out, a + 3 * BYTES, LE);
  }

  private static void pair2(
      int[] positions,
      float[] values,
      int from,
      int to,
      MemorySegment panel,
      long panelAt,
      boolean add,
      MemorySegment out,
      long a,
      long b) {
    FloatVector s0 = FloatVector.zero(F);
    FloatVector s1 = FloatVector.zero(F);
    FloatVector t0 = FloatVector.zero(F);
    FloatVector t1 = FloatVector.zero(F);
    for (int i = from; i < to; i++) {
      int both = positions[i];
      long p = panelAt + (both & 0xffff) * (2 * BYTES);
      long q = panelAt + (both >>> 16) * (2 * BYTES);
      FloatVector v = FloatVector.broadcast(F, values[2 * i]);
      FloatVector w = FloatVector.broadcast(F, values[2 * i + 1]);
      s0 = v.fma(FloatVector.fromMemorySegment(F, panel, p, LE), s0);
      s1 = v.fma(FloatVector.fromMemorySegment(F, panel, p + BYTES, LE), s1);
      t0 = w.fma(FloatVector.fromMemorySegment(F, panel, q, LE), t0);
      t1 = w.fma(FloatVector.fromMemorySegment(F, panel, q + BYTES, LE), t1);
    }
    if (add) {
      s0 = s0.add(FloatVector.fromMemorySegment(F, out, a, LE));
      s1 = s1.add(FloatVector.fromMemorySegment(F, out, a + BYTES, LE));
      t0 = t0.add(FloatVector.fromMemorySegment(F, out, b, LE));
      t1 = t1.add(FloatVector.fromMemorySegment(F, out, b + BYTES, LE));
    }
    // The second row first: a row without a partner is its own, and its sums are the first.
    t0.intoMemorySegment(out, b, LE);
    t1.intoMemorySegment(out, b + BYTES, LE);
    s0.intoMemorySegment(out, a, LE);
    s1.intoMemorySegment(out, a + BYTES, LE);
  }

  private static void pair1(
      int[] positions,
      float[] values,
      int from,
      int to,
      MemorySegment panel,
      long panelAt,
      boolean add,
      MemorySegment out,
      long a,
      long b) {
    FloatVector s0 = FloatVector.zero(F);
    FloatVector t0 = FloatVector.zero(F);
    for (int i = from; i < to; i++) {
      int both = positions[i];
      long p = panelAt + (both & 0xffff) * (1 * BYTES);
      long q = panelAt + (both >>> 16) * (1 * BYTES);
      FloatVector v = FloatVector.broadcast(F, values[2 * i]);
      FloatVector w = FloatVector.broadcast(F, values[2 * i + 1]);
      s0 = v.fma(FloatVector.fromMemorySegment(F, panel, p, LE), s0);
      t0 = w.fma(FloatVector.fromMemorySegment(F, panel, q, LE), t0);
    }
    if (add) {
      s0 = s0.add(FloatVector.fromMemorySegment(F, out, a, LE));
      t0 = t0.add(FloatVector.fromMemorySegment(F, out, b, LE));
    }
    // The second row first: a row without a partner is its own, and its sums are the first.
    t0.intoMemorySegment(out, b, LE);
    s0.intoMemorySegment(out, a, LE);
  }
}
