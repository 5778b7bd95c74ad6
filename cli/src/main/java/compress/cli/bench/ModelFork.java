package compress.cli.bench;

import compress.cli.bench.ModelTimes.Answer;
import compress.cli.bench.ModelTimes.Failure;
import compress.cli.bench.ModelTimes.StepTime;
import compress.cli.options.NamedInputs;
import compress.kernels.Workers;
import compress.kernels.measure.Machine;
import compress.kernels.measure.Roof;
import compress.kernels.measure.Timing;
import compress.model.FormatException;
import compress.model.ModelFiles;
import compress.model.Shape;
import compress.model.Tensor;
import compress.runtime.Options;
import compress.runtime.Plan;
import compress.runtime.Program;
import compress.runtime.Step;
import compress.train.onnxruntime.OnnxRuntimeEngine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A virtual machine that times one network in one way. */
final class ModelFork {
  private static final Path STATUS = Path.of("/proc/self/status");

  /** For a step repeated alone: a network has many. */
  private static final Timing.Plan ALONE = new Timing.Plan(3, 2, 7, 10);

  private ModelFork() {}

  public static void main(String[] args) throws IOException {
    Parent parent = new Parent();
    ModelJob job = parent.job(ModelJob.class);
    try {
      parent.answer(new Answer(measure(job), null));
    } catch (FormatException e) {
      parent.answer(failure(String.valueOf(e.getMessage()).replace(job.file(), job.name()), true));
    } catch (IOException | RuntimeException e) {
      parent.answer(failure(String.valueOf(e.getMessage()), false));
    } catch (OutOfMemoryError e) {
      parent.answer(failure("out of memory: " + e.getMessage(), false));
    }
    parent.goodbye();
  }

  private static Answer failure(String message, boolean badInput) {
    return new Answer(null, new Failure(message, badInput));
  }

  private static ModelTimes measure(ModelJob job) throws IOException {
    return job.variant() == ModelJob.Variant.ONNXRUNTIME ? rival(job) : bundled(job);
  }

  private static ModelTimes rival(ModelJob job) throws IOException {
    try (OnnxRuntimeEngine engine = new OnnxRuntimeEngine(Path.of(job.file()), job.threads())) {
      Map<String, Tensor> inputs =
          NamedInputs.randomBatch(engine.inputs(), job.batch(), job.length(), job.seed());
      Timing timing = Timing.of(i -> run(() -> engine.run(inputs)), job.plan());
      return new ModelTimes(timing.millis(), List.of(), 0, 0, peakBytes(), Machine.here(), null);
    }
  }

  private static ModelTimes bundled(ModelJob job) throws IOException {
    Path file = Path.of(job.file());
    Options options =
        Options.threads(job.threads()).withDense(job.variant() == ModelJob.Variant.DENSE);
    try (Program program = new Program(file, ModelFiles.read(file), options)) {
      Map<String, Tensor> inputs =
          NamedInputs.randomBatch(program.inputs(), job.batch(), job.length(), job.seed());
      Timing timing = Timing.ofCompiled(i -> run(() -> program.run(inputs)), job.plan());
      long peak = peakBytes();
      Map<String, Shape> shapes = new HashMap<>();
      inputs.forEach((name, tensor) -> shapes.put(name, tensor.shape()));
      Plan plan = program.plan(shapes);
      List<StepTime> steps = steps(program, plan, inputs, timing.millis().length);
      long weights =
          plan.steps().stream()
              .flatMap(s -> s.products().stream())
              .mapToLong(Step.Multiplication::bytes)
              .sum();
      return new ModelTimes(
          timing.millis(),
          steps,
          weights,
          plan.bytes(),
          peak,
          Machine.here(),
          job.roof() ? roof(job) : null);
    }
  }

  /** As a part of so many runs, and then alone. */
  private static List<StepTime> steps(
      Program program, Plan plan, Map<String, Tensor> inputs, int runs) throws IOException {
    double[][] millis = new double[plan.steps().size()][runs];
    for (int r = 0; r < runs; r++) {
      int run = r;
      program.run(inputs, (step, nanos) -> millis[step.number()][run] = nanos / 1e6);
    }
    List<StepTime> steps = new ArrayList<>();
    for (Step step : plan.steps()) {
      double alone =
          !step.products().isEmpty() && program.again(plan, step)
              ? Timing.ofCompiled(i -> program.again(plan, step), ALONE).median()
              : -1;
      steps.add(new StepTime(step, Timing.median(millis[step.number()]), alone));
    }
    return steps;
  }

  private static Roof roof(ModelJob job) {
    try (Workers workers = new Workers(job.threads())) {
      return Roof.measure(Machine.here(), workers, Timing.Plan.QUICK);
    }
  }

  /** Something that reads files now and then. */
  private interface Running {
    Object run() throws IOException;
  }

  private static void run(Running running) {
    try {
      running.run();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The most that this process had in memory. */
  private static long peakBytes() {
    try (var lines = Files.lines(STATUS)) {
      return lines
          .filter(line -> line.startsWith("VmHWM:"))
          .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      return 0;
    }
  }
}
