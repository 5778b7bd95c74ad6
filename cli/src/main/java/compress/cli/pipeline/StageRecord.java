package compress.cli.pipeline;

import compress.train.Change;
import compress.train.Skip;
import java.util.List;
import java.util.Map;

/**
 * What a stage did, as its checkpoint and the report keep it.
 *
 * @param options all that had a value
 * @param parameters of the network afterwards
 * @param bytes of the model's file afterwards
 * @param sha256 of that file
 * @param seconds that the stage took when it ran
 */
public record StageRecord(
    String stage,
    Map<String, Object> options,
    List<Change> changed,
    List<Skip> skipped,
    Map<String, Object> details,
    long parameters,
    long nonzero,
    long bytes,
    String sha256,
    double seconds) {}
