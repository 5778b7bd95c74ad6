package compress.cli.compare;

import compress.cli.latency.Latency;
import compress.cli.pipeline.LayerRow;
import compress.train.Skip;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * What came of a trial.
 *
 * @param folder the trial's, from that of the comparison
 * @param key the hash of all that the result depends on
 * @param bytes of the encoded file
 * @param ratio the original's bytes by these
 * @param sha256 of the encoded file
 * @param plainBytes of the file that was encoded
 * @param parameters of the network
 * @param nonzero those that are not zero
 * @param test on the samples that results are reported on
 * @param validation on those held out to choose by; null if there are none
 * @param layers where the bytes went, tensor by tensor
 * @param ledger where they went, stream by stream
 * @param seconds that compressing took
 * @param peakBytes the most memory that the worker has had so far
 * @param latencies empty until it was timed
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record TrialResult(
    Trial trial,
    String folder,
    String key,
    long bytes,
    double ratio,
    String sha256,
    long plainBytes,
    long parameters,
    long nonzero,
    Quality test,
    @Nullable Quality validation,
    List<LayerRow> layers,
    List<LedgerSum> ledger,
    List<Skip> skipped,
    @Nullable Portrait portrait,
    double seconds,
    long peakBytes,
    List<Latency> latencies) {

  /**
   * The bytes of all streams of one name.
   *
   * @param section {@code mask}, {@code values}, {@code skeleton}
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record LedgerSum(String section, String coder, double entropyBytes, long bytes) {}

  TrialResult with(List<Latency> measured) {
    return new TrialResult(
        trial,
        folder,
        key,
        bytes,
        ratio,
        sha256,
        plainBytes,
        parameters,
        nonzero,
        test,
        validation,
        layers,
        ledger,
        skipped,
        portrait,
        seconds,
        peakBytes,
        measured);
  }
}
