package compress.cli.bench;

import compress.cli.bench.ModelTimes.StepTime;
import compress.kernels.measure.Timing;
import compress.model.Tensor;
import compress.runtime.Plan;
import compress.runtime.Program;
import compress.runtime.Step;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Times the steps of a network, as parts of runs and repeated alone, turn after turn. */
final class StepClock {
  /** For a step repeated alone: a network has many. */
  private static final Timing.Plan ALONE = new Timing.Plan(3, 2, 7, 5);

  private final Program program;
  private final Plan plan;
  private final Map<String, Tensor> inputs;
  private final List<List<Double>> millis = new ArrayList<>();
  private final List<List<Double>> alone = new ArrayList<>();

  StepClock(Program program, Plan plan, Map<String, Tensor> inputs) {
    this.program = program;
    this.plan = plan;
    this.inputs = inputs;
    for (int i = 0; i < plan.steps().size(); i++) {
      millis.add(new ArrayList<>());
      alone.add(new ArrayList<>());
    }
  }

  /** Runs with the clock on until it is as fast as it gets, and keeps nothing. */
  void warmUp(Timing.Plan until) {
    double[] last = new double[plan.steps().size()];
    Timing.ofCompiled(
        i -> {
          try {
            program.run(inputs, (step, nanos) -> last[step.number()] = nanos);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        },
        until);
  }

  /** Times all steps in so many runs, and then each that has weights and can be run again. */
  void turn(int runs) throws IOException {
    for (int r = 0; r < runs; r++) {
      program.run(inputs, (step, nanos) -> millis.get(step.number()).add(nanos / 1e6));
    }
    for (Step step : plan.steps()) {
      if (!step.products().isEmpty() && program.again(plan, step)) {
        Timing timing = Timing.ofCompiled(i -> program.again(plan, step), ALONE);
        alone.get(step.number()).add(timing.median());
      }
    }
  }

  List<StepTime> times() {
    List<StepTime> times = new ArrayList<>();
    for (Step step : plan.steps()) {
      List<Double> repeated = alone.get(step.number());
      times.add(
          new StepTime(
              step, median(millis.get(step.number())), repeated.isEmpty() ? -1 : median(repeated)));
    }
    return times;
  }

  private static double median(List<Double> values) {
    return Timing.median(values.stream().mapToDouble(Double::doubleValue).toArray());
  }
}
