package compress.cli.latency;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * How long one run of a network took.
 *
 * @param runtime what ran it
 * @param batch the length of the first axis of its inputs
 * @param samples timed runs, over all rounds
 * @param medianMs the median of the medians of the rounds
 * @param minMs of all samples
 * @param maxMs of all samples
 * @param lowMs the least median of a round
 * @param highMs the greatest median of a round
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record Latency(
    String runtime,
    long batch,
    int threads,
    int samples,
    double medianMs,
    double minMs,
    double maxMs,
    double lowMs,
    double highMs) {

  /** The runtime that is fastest with a network; empty if none was measured. */
  public static Optional<Latency> fastest(List<Latency> latencies) {
    return latencies.stream().min(Comparator.comparingDouble(Latency::medianMs));
  }
}
