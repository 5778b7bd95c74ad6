package compress.cli.bench;

import compress.kernels.measure.Case;
import compress.kernels.measure.Timing;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;

/**
 * What to measure in each virtual machine.
 *
 * @param cases in this order, those that differ in the number of columns only one after the other
 * @param rivals names in {@link Rivals}
 * @param leftOut combinations that no layout holds, in words
 * @param budgetSeconds after which no case is begun in a virtual machine; 0 for no end
 */
public record Sweep(
    List<Case> cases,
    List<Integer> threads,
    Timing.Plan plan,
    List<String> rivals,
    long seed,
    List<String> leftOut,
    double budgetSeconds) {

  /** The dense products that the cases are compared with, each once. */
  List<Case> baselines() {
    LinkedHashSet<Case> dense = new LinkedHashSet<>();
    cases.forEach(c -> dense.add(c.dense()));
    return new ArrayList<>(dense);
  }

  /** Steps of the work in one virtual machine, for the progress that is shown. */
  int steps() {
    return threads.size() * (1 + baselines().size() + cases.size());
  }
}
