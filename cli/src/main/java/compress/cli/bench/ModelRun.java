package compress.cli.bench;

import compress.cli.bench.ModelTimes.StepTime;
import compress.kernels.measure.Roof;
import compress.kernels.measure.Timing;
import compress.runtime.Step;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * One number of samples and threads, timed in several ways by several virtual machines each. All
 * times are medians of their medians.
 *
 * @param times by the names of the ways
 */
public record ModelRun(int batch, int threads, Map<String, List<ModelTimes>> times) {
  static final String DENSE = "bundled, dense";
  static final String COMPRESSED = "bundled";
  static final String RIVAL = "onnxruntime";
  static final String RIVAL_DENSE = "onnxruntime, dense file";

  /** Slower than dense by more than this is no noise. */
  private static final double NOISE = 1.05;

  /**
   * A step that multiplies with weights.
   *
   * @param product the first of its products, if there are several
   * @param denseMillis in a run of the dense network
   * @param millis in a run of the compressed one
   * @param denseAlone of the dense network, repeated alone; that in a run if it cannot be
   * @param alone of the compressed network, likewise
   * @param roofShare the least time that the machine's peak and memory allow, of its time alone
   */
  public record Layer(
      Step step,
      Step.Multiplication product,
      double denseMillis,
      double millis,
      double denseAlone,
      double alone,
      double roofShare) {
    public double speedup() {
      return denseMillis / millis;
    }

    /** Whether it is slower than dense beyond noise, in a run of so many milliseconds. */
    boolean isSlower(double run) {
      return millis > NOISE * denseMillis && millis - denseMillis > (NOISE - 1) / 10 * run;
    }
  }

  /** Whether both ways of the bundled runtime were timed. */
  public boolean hasBundled() {
    return times.containsKey(COMPRESSED);
  }

  /** Of whole runs; empty if they were not timed in this way. */
  public Optional<Timing> timing(String way) {
    List<ModelTimes> forks = times.get(way);
    if (forks == null) {
      return Optional.empty();
    }
    double median = median(forks, f -> new Timing(f.millis()).median());
    double[] all = forks.stream().flatMapToDouble(f -> Arrays.stream(f.millis())).toArray();
    double min = Arrays.stream(all).min().orElseThrow();
    double max = Arrays.stream(all).max().orElseThrow();
    return Optional.of(new Timing(new double[] {min, median, max}));
  }

  public double millis(String way) {
    return timing(way).orElseThrow().median();
  }

  private List<ModelTimes> forks(String way) {
    List<ModelTimes> forks = times.get(way);
    if (forks == null) {
      throw new IllegalStateException("'" + way + "' was not timed");
    }
    return forks;
  }

  double bytes(String way, ToDoubleFunction<ModelTimes> what) {
    return median(forks(way), what);
  }

  private static double median(List<ModelTimes> forks, ToDoubleFunction<ModelTimes> what) {
    return Timing.median(forks.stream().mapToDouble(what).toArray());
  }

  /** Steps with weights, in the order in which they run. */
  public List<Layer> layers() {
    List<Layer> layers = new ArrayList<>();
    Map<String, StepTime> dense = steps(DENSE);
    Optional<Roof> roof =
        forks(COMPRESSED).stream().flatMap(t -> Optional.ofNullable(t.roof()).stream()).findFirst();
    steps(COMPRESSED)
        .forEach((name, mine) -> {
          StepTime before = dense.get(name);
          if (before == null || mine.step().products().isEmpty()) {
            return;
          }
          boolean comparable = mine.aloneMillis() > 0 && before.aloneMillis() > 0;
          double alone = comparable ? mine.aloneMillis() : mine.millis();
          layers.add(
              new Layer(
                  mine.step(),
                  mine.step().products().getFirst(),
                  before.millis(),
                  mine.millis(),
                  comparable ? before.aloneMillis() : before.millis(),
                  alone,
                  roof.map(r -> leastMillis(r, mine.step()) / alone).orElse(0.0)));
        });
    return layers;
  }

  private static double leastMillis(Roof roof, Step step) {
    double least = 0;
    for (Step.Multiplication p : step.products()) {
      double products = (1 - p.sparsity()) * p.m() * p.k() * p.n();
      long moved = p.bytes() + 4L * p.n() * (p.k() + p.m());
      boolean floats = !p.kernel().contains("_i8_") && !p.kernel().contains("_sign_");
      least += p.times() * roof.leastMillis(floats ? 2 * products : 0, moved, false);
    }
    return least;
  }

  /** All steps by name, with the medians over the virtual machines. */
  Map<String, StepTime> steps(String way) {
    Map<String, StepTime> steps = new LinkedHashMap<>();
    List<ModelTimes> forks = forks(way);
    for (int i = 0; i < forks.getFirst().steps().size(); i++) {
      int index = i;
      StepTime any = forks.getFirst().steps().get(i);
      steps.put(
          any.step().name(),
          new StepTime(
              any.step(),
              median(forks, f -> f.steps().get(index).millis()),
              median(forks, f -> f.steps().get(index).aloneMillis())));
    }
    return steps;
  }

  /** The share of the dense run that steps with weights take. */
  public double layerShare() {
    double layers = layers().stream().mapToDouble(Layer::denseMillis).sum();
    return layers / (layers + restMillis());
  }

  /** Steps of the dense run that have no weights, which stay what they are. */
  private double restMillis() {
    double all = steps(DENSE).values().stream().mapToDouble(StepTime::millis).sum();
    return all - layers().stream().mapToDouble(Layer::denseMillis).sum();
  }

  public double speedup() {
    return millis(DENSE) / millis(COMPRESSED);
  }

  /**
   * What the layers say, each repeated alone: with all that has no weights as it is in the dense
   * run, so much faster the whole is to be.
   *
   * @see <a href="https://doi.org/10.1145/1465482.1465560">Amdahl 1967</a>
   */
  public double predictedSpeedup() {
    double rest = restMillis();
    double dense = layers().stream().mapToDouble(Layer::denseAlone).sum();
    double alone = layers().stream().mapToDouble(Layer::alone).sum();
    return (rest + dense) / (rest + alone);
  }
}
