package compress.kernels.measure;

import compress.kernels.KernelCatalog;
import compress.kernels.OffHeap;
import compress.kernels.Workers;
import compress.kernels.panama.Probe;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * What the machine can do at best, measured: no kernel is faster than its products at the peak rate
 * nor than its bytes at the rate of the memory they come from.
 *
 * @param peakGflops multiplications and additions of floats, all threads together
 * @param levels the caches, nearest first, then memory
 * @see <a href="https://doi.org/10.1145/1498765.1498785">Williams et al. 2009</a>, Roofline
 */
public record Roof(int threads, double peakGflops, List<Level> levels) {
  /**
   * A place that data comes from.
   *
   * @param bytes that fit there; memory has {@link Long#MAX_VALUE}
   * @param readGbs billions of bytes in a second, all threads together
   */
  public record Level(String name, long bytes, double readGbs) {}

  private static final int PEAK_ROUNDS = 200_000;

  /** Measures with the threads of {@code workers}. The best of the samples counts. */
  public static Roof measure(Machine machine, Workers workers, Timing.Plan plan) {
    int threads = workers.threads();
    float[] sink = new float[threads];
    double flops =
        KernelCatalog.hasVectorApi() ? Probe.flops(PEAK_ROUNDS) : plainFlops(PEAK_ROUNDS);
    Timing peak =
        Timing.ofCompiled(
            round ->
                workers.run(
                    threads,
                    (i, worker) ->
                        sink[i] +=
                            KernelCatalog.hasVectorApi()
                                ? Probe.multiplyAdd(PEAK_ROUNDS)
                                : plainMultiplyAdd(PEAK_ROUNDS)),
            plan);
    List<Level> levels = new ArrayList<>();
    List<Long> caches = machine.cacheBytes();
    for (int i = 0; i < caches.size(); i++) {
      // Half a cache, so that it holds whatever else is there too; the last is shared by all.
      boolean last = i == caches.size() - 1;
      long each = caches.get(i) / 2 / (last ? threads : 1);
      levels.add(new Level("L" + (i + 1), caches.get(i), readRate(each, workers, plan, sink)));
    }
    long far = Math.max(64L << 20, 4 * machine.lastCacheBytes()) / threads;
    levels.add(new Level("memory", Long.MAX_VALUE, readRate(far, workers, plan, sink)));
    return new Roof(threads, threads * flops / peak.min() / 1e6, List.copyOf(levels));
  }

  /**
   * The best of several measurements with the same number of threads.
   *
   * @throws IllegalArgumentException if there are none
   */
  public static Roof best(List<Roof> roofs) {
    Roof best = roofs.getFirst();
    for (Roof other : roofs.subList(1, roofs.size())) {
      List<Level> levels = new ArrayList<>();
      for (int i = 0; i < best.levels.size(); i++) {
        Level a = best.levels.get(i);
        Level b = other.levels.get(i);
        levels.add(a.readGbs >= b.readGbs ? a : b);
      }
      best =
          new Roof(best.threads, Math.max(best.peakGflops, other.peakGflops), List.copyOf(levels));
    }
    return best;
  }

  private static double readRate(long bytes, Workers workers, Timing.Plan plan, float[] sink) {
    int threads = workers.threads();
    long whole = Math.max(1024, bytes / 1024 * 1024);
    MemorySegment[] data = new MemorySegment[threads];
    for (int i = 0; i < threads; i++) {
      data[i] = OffHeap.allocate(whole);
      data[i].fill((byte) 0);
    }
    // Some megabytes a round, or starting the threads would be what is measured.
    int passes = (int) Math.max(1, (8L << 20) / whole);
    Timing timing =
        Timing.ofCompiled(
            round ->
                workers.run(
                    threads,
                    (i, worker) -> {
                      for (int pass = 0; pass < passes; pass++) {
                        sink[i] +=
                            KernelCatalog.hasVectorApi() ? Probe.sum(data[i]) : plainSum(data[i]);
                      }
                    }),
            plan);
    return (double) threads * passes * whole / timing.min() / 1e6;
  }

  /** The read rate for data of this size; {@code cold} data comes from memory whatever its size. */
  public Level levelFor(long bytes, boolean cold) {
    for (Level level : levels) {
      if (!cold && bytes <= level.bytes) {
        return level;
      }
    }
    return levels.getLast();
  }

  /** The least time that so many operations on so many bytes can take. */
  public double leastMillis(double flops, long bytes, boolean cold) {
    return Math.max(flops / peakGflops, bytes / levelFor(bytes, cold).readGbs) / 1e6;
  }

  private static double plainFlops(int rounds) {
    return 16.0 * rounds;
  }

  private static float plainMultiplyAdd(int rounds) {
    float[] s = new float[8];
    for (int i = 0; i < rounds; i++) {
      for (int j = 0; j < s.length; j++) {
        s[j] = s[j] * 0.999f + 1;
      }
    }
    return s[0] + s[7];
  }

  private static float plainSum(MemorySegment data) {
    long a = 0;
    long b = 0;
    for (long at = 0; at < data.byteSize(); at += 16) {
      a += data.get(ValueLayout.JAVA_LONG, at);
      b += data.get(ValueLayout.JAVA_LONG, at + 8);
    }
    return (float) (a + b);
  }
}
