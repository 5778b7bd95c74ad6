package compress.cli.bench;

import compress.kernels.measure.Machine;
import compress.kernels.measure.Measurement;
import compress.kernels.measure.Roof;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A line that a {@link Fork} prints.
 *
 * @param machine with the first line
 * @param roof once for each number of threads
 * @param remark for the user
 * @param failure why the rest is missing
 * @param step whether a step of the sweep is over
 */
record Message(
    @Nullable Machine machine,
    @Nullable Roof roof,
    List<Measurement> measurements,
    @Nullable String remark,
    @Nullable String failure,
    boolean step) {

  static Message of(Machine machine) {
    return new Message(machine, null, List.of(), null, null, false);
  }

  static Message of(Roof roof) {
    return new Message(null, roof, List.of(), null, null, true);
  }

  static Message of(List<Measurement> measurements) {
    return new Message(null, null, measurements, null, null, true);
  }

  static Message remark(String text) {
    return new Message(null, null, List.of(), text, null, false);
  }

  static Message failure(String text) {
    return new Message(null, null, List.of(), null, text, false);
  }
}
