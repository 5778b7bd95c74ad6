package compress.kernels.measure;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * One kernel on one case, measured in one or more virtual machines. Times are of one product, in
 * milliseconds; rates in billions of multiplications and additions, or of bytes, in a second.
 *
 * @param sparsity the share of products that the kernel leaves out, padding counted as done
 * @param values what a weight was: {@code f32}, {@code int4:32}
 * @param cold whether the weights came from memory
 * @param bytes of weights that one product reads
 * @param medianMs the median of the medians of the virtual machines
 * @param minMs of all samples
 * @param maxMs of all samples
 * @param forkMediansMs one for each virtual machine
 * @param spread the largest of these medians less the smallest, over {@code medianMs}
 * @param gflops of the products done
 * @param effectiveGflops as if all products had been done
 * @param readGbs the rate at which the weights were read
 * @param baseline the dense rival in 32-bit floats that was fastest in the same run
 * @param speedup the baseline's median over this one's
 * @param roofShare the least time that the machine's peak and memory allow, over the median
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record Result(
    String kernel,
    String layout,
    String pattern,
    double sparsity,
    String values,
    int bits,
    int m,
    int n,
    int k,
    int threads,
    boolean cold,
    long bytes,
    int samples,
    double medianMs,
    double minMs,
    double maxMs,
    List<Double> forkMediansMs,
    double spread,
    double gflops,
    double effectiveGflops,
    double readGbs,
    String baseline,
    double baselineMs,
    double speedup,
    double roofShare) {

  /**
   * What one or more runs of the same cases say together, in the order of the first.
   *
   * @param roofs one for each number of threads
   * @throws IllegalArgumentException if there is no baseline beside a measurement, or no roof for
   *     its threads
   */
  public static List<Result> join(List<Measurement> measurements, List<Roof> roofs) {
    SequencedMap<Subject, List<Timing>> all = new LinkedHashMap<>();
    for (Measurement m : measurements) {
      all.computeIfAbsent(m.subject(), s -> new ArrayList<>()).add(m.timing());
    }
    List<Result> results = new ArrayList<>();
    all.forEach((subject, timings) -> {
      Rated baseline =
          all.entrySet().stream()
              .filter(e -> subject.isBeside(e.getKey()))
              .map(e -> new Rated(e.getKey().kernel(), medianOfMedians(e.getValue())))
              .min(Comparator.comparingDouble(Rated::millis))
              .orElseThrow(() -> new IllegalArgumentException("no baseline for " + subject));
      Roof roof =
          roofs.stream()
              .filter(r -> r.threads() == subject.threads())
              .findFirst()
              .orElseThrow(() ->
                  new IllegalArgumentException("no roof of " + subject.threads() + " threads"));
      results.add(of(subject, timings, baseline, roof));
    });
    return results;
  }

  private record Rated(String kernel, double millis) {}

  private static double medianOfMedians(List<Timing> timings) {
    return Timing.median(timings.stream().mapToDouble(Timing::median).toArray());
  }

  private static Result of(Subject s, List<Timing> timings, Rated baseline, Roof roof) {
    double[] medians = timings.stream().mapToDouble(Timing::median).toArray();
    double median = Timing.median(medians);
    double least = Arrays.stream(medians).min().orElseThrow();
    double most = Arrays.stream(medians).max().orElseThrow();
    Case c = s.of();
    return new Result(
        s.kernel(),
        s.layout(),
        c.pattern(),
        s.sparsity(),
        c.values(),
        s.bits(),
        c.m(),
        c.n(),
        c.k(),
        s.threads(),
        c.cold(),
        s.bytes(),
        timings.stream().mapToInt(t -> t.millis().length).sum(),
        median,
        timings.stream().mapToDouble(Timing::min).min().orElseThrow(),
        timings.stream().mapToDouble(Timing::max).max().orElseThrow(),
        Arrays.stream(medians).boxed().toList(),
        (most - least) / median,
        2 * s.products() / median / 1e6,
        2.0 * c.m() * c.k() * c.n() / median / 1e6,
        s.bytes() / median / 1e6,
        baseline.kernel,
        baseline.millis,
        baseline.millis / median,
        s.leastMillis(roof) / median);
  }
}
