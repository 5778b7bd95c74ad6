package compress.train;

import compress.model.Mask;
import compress.model.Model;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a training gave.
 *
 * @param log one entry an epoch
 * @param keptEpoch the epoch that {@code model} is from, counted from 1; 0 if nothing was trained
 * @param validation accuracy of {@code model} on the validation part, or what {@link EpochLog} has
 *     in its place; NaN if there is none
 * @param masks the last ones, by param, those that a hook set included
 * @param notes for the user: what was done in an unusual way and why
 */
public record Trained(
    Model model,
    List<EpochLog> log,
    int keptEpoch,
    double validation,
    Map<String, Mask> masks,
    List<String> notes) {
  /**
   * What a report says of the training, in numbers, strings, lists and maps: {@code training}, with
   * {@code epoch, loss, validation, rate} of each epoch, {@code kept_epoch}, {@code validation} and
   * {@code notes}. Without a validation part there is no {@code validation}.
   */
  public Map<String, Object> details() {
    List<Map<String, Object>> epochs = new ArrayList<>();
    for (EpochLog epoch : log) {
      Map<String, Object> facts = new LinkedHashMap<>();
      facts.put("epoch", epoch.epoch());
      facts.put("loss", epoch.loss());
      putNumber(facts, epoch.validation());
      facts.put("rate", epoch.rate());
      epochs.add(facts);
    }
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("training", epochs);
    details.put("kept_epoch", keptEpoch);
    putNumber(details, validation);
    details.put("notes", notes);
    return details;
  }

  private static void putNumber(Map<String, Object> facts, double validation) {
    if (!Double.isNaN(validation)) {
      facts.put("validation", validation);
    }
  }
}
