package compress.train;

import compress.model.Mask;
import compress.model.Model;
import java.util.List;
import java.util.Map;

/**
 * What a training gave.
 *
 * @param log one entry an epoch
 * @param keptEpoch the epoch that {@code model} is from, counted from 1; 0 if nothing was trained
 * @param validation accuracy of {@code model} on the validation part; NaN if there is none
 * @param masks the last ones, by param, those that a hook set included
 * @param notes for the user: what was done in an unusual way and why
 */
public record Trained(
    Model model,
    List<EpochLog> log,
    int keptEpoch,
    double validation,
    Map<String, Mask> masks,
    List<String> notes) {}
