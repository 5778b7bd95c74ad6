package compress.cli.bench;

import compress.kernels.measure.Case;
import compress.kernels.measure.Timing;
import compress.model.NearestName;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.SequencedSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * What to multiply, how often, and with whom to compare. Lists and ranges give all combinations.
 */
public final class SweepOptions {
  private static final Pattern SHAPE = Pattern.compile("(\\d{1,9})x(\\d{1,9})");

  /** Products before the first sample at least: enough for a compiler to notice. */
  private static final int WARM_UPS = 20;

  /** Without {@code --pattern}; those that cannot hold the values are left out. */
  private static final List<String> ALL_PATTERNS =
      List.of("dense", "unstructured", "block:8x1", "bank:128", "2:4");

  @Option(
      names = "--shape",
      paramLabel = "MxK",
      split = ",",
      description = "Rows and columns of the weights, instead of --m and --k. Default: 1024x1024.")
  private List<String> shapes = List.of();

  @Option(
      names = "--m",
      paramLabel = "LIST",
      converter = Numbers.Counts.class,
      description = "Rows of the weights. Lists are written 1,16,64, ranges 16:64:16 or 16:64:*2.")
  private @Nullable Numbers m;

  @Option(
      names = "--k",
      paramLabel = "LIST",
      converter = Numbers.Counts.class,
      description = "Columns of the weights.")
  private @Nullable Numbers k;

  @Option(
      names = "--n",
      paramLabel = "LIST",
      converter = Numbers.Counts.class,
      description = "Columns of the activations: samples or pixels. Default: 1,64.")
  private Numbers n = new Numbers(List.of(1.0, 64.0));

  @Option(
      names = "--pattern",
      paramLabel = "LIST",
      split = ",",
      description = {
        "Which weights are there: dense, unstructured, block:RxC, bank:WIDTH, N:M.",
        "Default: dense,unstructured,block:8x1,bank:128,2:4."
      })
  private List<String> patterns = List.of();

  @Option(
      names = "--sparsity",
      paramLabel = "LIST",
      converter = Numbers.Shares.class,
      description =
          "Shares of weights that are zero: 0.5,0.9 or 0.5:0.95:0.05. N:M says its own. Default:"
              + " 0.5,0.8,0.9.")
  private Numbers sparsity = new Numbers(List.of(0.5, 0.8, 0.9));

  @Option(
      names = "--values",
      paramLabel = "LIST",
      split = ",",
      description = {
        "What a weight is: f32; in dense weights int8, int4, int2, ternary (each with :GROUP for"
            + " scales per group of columns), binary, codebook:16, codebook:256; codebooks in"
            + " unstructured too.",
        "Default: f32."
      })
  private List<String> values = List.of("f32");

  @Option(
      names = "--weights",
      paramLabel = "LIST",
      split = ",",
      description =
          "hot: the same weights again and again, from the cache that holds them; cold: copies in"
              + " turn, from memory. Default: hot.")
  private List<String> weights = List.of("hot");

  @Option(
      names = "--threads",
      paramLabel = "LIST",
      converter = Numbers.Counts.class,
      description = "Threads that share one product. Default: 1.")
  private Numbers threads = new Numbers(List.of(1.0));

  @Option(
      names = "--samples",
      paramLabel = "N",
      description = "Timed products of each kernel, at least. Default: ${DEFAULT-VALUE}.")
  private int samples = 20;

  @Option(
      names = "--min-time",
      paramLabel = "MS",
      description = "Go on taking samples for so many milliseconds. Default: ${DEFAULT-VALUE}.")
  private double sampleMillis = 200;

  @Option(
      names = "--warm-up",
      paramLabel = "MS",
      description =
          "Multiply for so many milliseconds before the first sample. Default: ${DEFAULT-VALUE}.")
  private double warmUpMillis = 1000;

  @Option(
      names = "--rivals",
      paramLabel = "LIST",
      split = ",",
      description =
          "Whom to measure beside our dense kernel: openblas, onnxruntime_f32,"
              + " onnxruntime_dynamic_int8, onnxruntime_matmulnbits4, libtorch_int8, all or none."
              + " Default: all.")
  private List<String> rivals = List.of("all");

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "For the numbers that are multiplied. Default: ${DEFAULT-VALUE}.")
  private long seed = 1;

  /**
   * The sweep that the options describe.
   *
   * @throws IllegalArgumentException if a name is not known, or nothing is left to measure
   */
  public Sweep sweep() {
    if (samples < 1 || !(sampleMillis >= 0) || !(warmUpMillis >= 0)) {
      throw new IllegalArgumentException(
          "--samples %d, --min-time %s, --warm-up %s; at least 1 sample, and no negative time"
              .formatted(samples, sampleMillis, warmUpMillis));
    }
    SequencedSet<String> leftOut = new LinkedHashSet<>();
    List<Case> cases = cases(leftOut);
    if (cases.isEmpty()) {
      throw new IllegalArgumentException("nothing to measure: " + String.join("; ", leftOut));
    }
    Timing.Plan plan =
        new Timing.Plan(warmUpMillis == 0 ? 1 : WARM_UPS, warmUpMillis, samples, sampleMillis);
    return new Sweep(
        cases, threads.asInts(), plan, Rivals.named(rivals), seed, List.copyOf(leftOut), 0);
  }

  public List<Integer> threads() {
    return threads.asInts();
  }

  public long seed() {
    return seed;
  }

  private List<Case> cases(SequencedSet<String> leftOut) {
    patterns.forEach(Case::checkPattern);
    values.forEach(Case::checkValues);
    List<Case> cases = new ArrayList<>();
    for (boolean cold : cold()) {
      for (Size size : sizes()) {
        for (String value : values) {
          for (String pattern : patterns.isEmpty() ? ALL_PATTERNS : patterns) {
            if (!Case.suits(pattern, value)) {
              if (!patterns.isEmpty()) {
                leftOut.add("no layout holds %s in pattern %s".formatted(value, pattern));
              }
              continue;
            }
            for (double s : Case.hasSparsity(pattern) ? sparsity.values() : List.of(0.0)) {
              n.asInts()
                  .forEach(columns ->
                      cases.add(new Case(size.m, columns, size.k, pattern, s, value, cold)));
            }
          }
        }
      }
    }
    return cases;
  }

  private record Size(int m, int k) {}

  private List<Size> sizes() {
    if (!shapes.isEmpty() && (m != null || k != null)) {
      throw new IllegalArgumentException("give either --shape or --m and --k");
    }
    List<Size> sizes = new ArrayList<>();
    for (String shape : shapes) {
      Matcher matcher = SHAPE.matcher(shape);
      if (!matcher.matches()) {
        throw new IllegalArgumentException(
            "shape '" + shape + "' is not ROWSxCOLUMNS; write 1024x1024");
      }
      sizes.add(new Size(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2))));
    }
    if (shapes.isEmpty()) {
      for (int rows : m == null ? List.of(1024) : m.asInts()) {
        for (int columns : k == null ? List.of(1024) : k.asInts()) {
          sizes.add(new Size(rows, columns));
        }
      }
    }
    return sizes;
  }

  private List<Boolean> cold() {
    List<Boolean> cold = new ArrayList<>();
    for (String w : weights) {
      switch (w.toLowerCase(Locale.ROOT)) {
        case "hot" -> cold.add(false);
        case "cold" -> cold.add(true);
        default ->
            throw new IllegalArgumentException(
                "weights '%s'; hot or cold%s"
                    .formatted(w, NearestName.hint(w, List.of("hot", "cold"))));
      }
    }
    return cold;
  }
}
