package compress.kernels.measure;

import compress.kernels.DenseTiles;
import compress.kernels.Epilogue;
import compress.kernels.Kernel;
import compress.kernels.KernelCatalog;
import compress.kernels.Layout;
import compress.kernels.Matrix;
import compress.kernels.WeightMatrix;
import compress.kernels.Workers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.jspecify.annotations.Nullable;

/**
 * Times every kernel that takes a case, and the dense rivals. An answer is compared with one in
 * double precision before its time counts. Cold weights are so many copies, used in turn, that the
 * last cache holds none of them when its turn comes.
 *
 * <p>Packed weights are kept until a case asks for others, so cases that differ in nothing but the
 * number of columns should follow each other. For one thread at a time.
 */
public final class Bench {
  /** How many times the last cache the copies of cold weights fill. */
  private static final int COLD_FACTOR = 4;

  /** The least warm-up of a kernel that has not run on about as many columns. */
  private static final double FIRST_WARM_UP_MILLIS = 500;

  /** Bytes of packed weights after which those that are no longer used are collected. */
  private static final long COLLECT_AFTER = 1L << 29;

  private final Machine machine;
  private final Workers workers;
  private final Timing.Plan plan;
  private final long seed;
  private final Set<String> known = new HashSet<>();
  private @Nullable Packed packed;
  private long allocated;

  /** A layout, the weights it holds, and as many copies as it takes. */
  private record Ready(Layout layout, float[] weights, List<Layout> copies) {}

  private record Packed(Case of, WeightMatrix weights, List<Ready> ready) {}

  public Bench(Machine machine, Workers workers, Timing.Plan plan, long seed) {
    this.machine = machine;
    this.workers = workers;
    this.plan = plan;
    this.seed = seed;
  }

  /**
   * All kernels for the case; plain loops only where there is nothing else.
   *
   * @throws IllegalStateException if a kernel's answer is wrong
   */
  public List<Measurement> kernels(Case c) {
    Matrix x = activations(c);
    List<Ready> ready = packed(c).ready;
    boolean anyFast =
        ready.stream()
            .anyMatch(
                r -> KernelCatalog.accepting(r.layout, c.n()).stream().anyMatch(k -> !isPlain(k)));
    List<Measurement> all = new ArrayList<>();
    for (Ready r : ready) {
      for (Kernel<?> kernel : KernelCatalog.accepting(r.layout, c.n())) {
        if (!anyFast || !isPlain(kernel)) {
          all.add(measure(c, r, kernel, x));
        }
      }
    }
    return all;
  }

  private static boolean isPlain(Kernel<?> kernel) {
    return kernel.name().endsWith("__plain");
  }

  /**
   * Rivals on the dense weights of the case's sizes.
   *
   * @param skipped is told why a rival is left out: it does not run here, or its answer is wrong
   */
  public List<Measurement> rivals(Case c, List<Rival> rivals, Consumer<String> skipped) {
    Case dense = c.dense();
    WeightMatrix w = packed(dense).weights;
    Matrix x = activations(c);
    List<Measurement> all = new ArrayList<>();
    for (Rival rival : rivals) {
      try {
        all.add(measure(dense, rival, w, x));
      } catch (IllegalStateException e) {
        skipped.accept("left out: " + e.getMessage());
      }
    }
    return all;
  }

  private Measurement measure(Case c, Ready ready, Kernel<?> kernel, Matrix x) {
    Layout layout = ready.layout;
    Matrix y = Matrix.zeros(c.m(), c.n());
    y.data().fill((byte) 0x7f);
    kernel.multiply(layout, x, y, Epilogue.NONE, workers);
    Answers.check(kernel.name(), kernel.activations(), ready.weights, x, y);
    boolean floats = kernel.activations() == Kernel.Activations.F32;
    Subject subject =
        new Subject(
            kernel.name(),
            layout.getClass().getSimpleName(),
            c,
            1 - (double) layout.nonZeros() / ((double) c.m() * c.k()),
            layout.bits(),
            workers.threads(),
            layout.bytes(),
            (double) layout.nonZeros() * c.n(),
            floats,
            floats && layout instanceof DenseTiles);
    List<Layout> copies = ready.copies;
    return new Measurement(
        subject,
        Timing.ofCompiled(
            i -> kernel.multiply(copies.get(i % copies.size()), x, y, Epilogue.NONE, workers),
            planFor(kernel.name(), c.n())));
  }

  /** Loops that this virtual machine has not run yet are to be compiled first. */
  private Timing.Plan planFor(String kernel, int columns) {
    boolean first = known.add(kernel + " " + Integer.numberOfLeadingZeros(columns));
    return first && plan.warmUpMillis() > 0
        ? new Timing.Plan(
            plan.warmUps(),
            Math.max(plan.warmUpMillis(), FIRST_WARM_UP_MILLIS),
            plan.samples(),
            plan.sampleMillis())
        : plan;
  }

  private Measurement measure(Case dense, Rival rival, WeightMatrix w, Matrix x) {
    List<Rival.Product> copies = new ArrayList<>();
    try {
      Rival.Product first = rival.ready(w, x, workers.threads());
      copies.add(first);
      first.multiply();
      Answers.check(rival.name(), first, x);
      while (copies.size() < copiesOf(dense, first.bytes())) {
        copies.add(rival.ready(w, x, workers.threads()));
      }
      boolean floats = first.bits() == Float.SIZE;
      Subject subject =
          new Subject(
              rival.name(),
              "rival",
              dense,
              0,
              first.bits(),
              workers.threads(),
              first.bytes(),
              (double) dense.m() * dense.k() * dense.n(),
              floats,
              floats);
      return new Measurement(
          subject, Timing.of(i -> copies.get(i % copies.size()).multiply(), plan));
    } finally {
      copies.forEach(Rival.Product::close);
    }
  }

  private Packed packed(Case c) {
    Case any = c.withColumns(1);
    Packed found = packed;
    if (found != null && found.of.equals(any)) {
      return found;
    }
    packed = null;
    // Memory outside the heap is given back when the collector finds that nothing refers to it, and
    // a few large segments are no reason for it to look.
    if (allocated > COLLECT_AFTER) {
      System.gc();
      allocated = 0;
    }
    WeightMatrix w = any.weights(seed);
    List<Ready> ready = any.layouts(w).stream().map(l -> ready(any, w, l)).toList();
    Packed made = new Packed(any, w, ready);
    packed = made;
    return made;
  }

  private Ready ready(Case c, WeightMatrix w, Layout layout) {
    float[] stored = layout.unpack();
    if (c.isExact() && !Arrays.equals(stored, w.values())) {
      throw new IllegalStateException(
          "%s does not give back the weights of %s".formatted(layout.getClass(), c));
    }
    int copies = copiesOf(c, layout.bytes());
    allocated += layout.bytes() * copies;
    return new Ready(layout, stored, Copies.of(layout, copies));
  }

  private int copiesOf(Case c, long bytes) {
    return c.cold()
        ? (int)
            Math.max(1, Math.ceilDiv(COLD_FACTOR * machine.lastCacheBytes(), Math.max(1, bytes)))
        : 1;
  }

  private Matrix activations(Case c) {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed + 1);
    Matrix x = Matrix.zeros(c.k(), c.n());
    for (int r = 0; r < c.k(); r++) {
      for (int i = 0; i < c.n(); i++) {
        x.set(r, i, (float) random.nextGaussian());
      }
    }
    return x;
  }
}
