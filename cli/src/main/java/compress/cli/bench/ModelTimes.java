package compress.cli.bench;

import compress.kernels.measure.Machine;
import compress.kernels.measure.Roof;
import compress.runtime.Step;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link ModelFork} found.
 *
 * @param millis of whole runs, each time, turn after turn
 * @param weightBytes of packed weights; 0 where a rival does not say
 * @param activationBytes of all values between the steps; 0 where a rival does not say
 * @param peakBytes of memory that the virtual machine ever had; 0 where the system does not say
 */
record ModelTimes(
    double[] millis,
    List<StepTime> steps,
    long weightBytes,
    long activationBytes,
    long peakBytes,
    Machine machine,
    @Nullable Roof roof) {

  /**
   * @param millis in a run of the network, the median
   * @param aloneMillis repeated alone, the median of those of the turns; negative if it cannot be
   */
  record StepTime(Step step, double millis, double aloneMillis) {}

  /** A line that a fork prints after each turn: after the last what it found, or why not. */
  record Answer(@Nullable ModelTimes times, @Nullable Failure failure) {}

  /**
   * @param badInput whether the file is the reason
   */
  record Failure(String message, boolean badInput) {}
}
