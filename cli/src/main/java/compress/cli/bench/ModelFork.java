package compress.cli.bench;

import compress.cli.bench.ModelTimes.Answer;
import compress.cli.bench.ModelTimes.Failure;
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
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;

/** A virtual machine that times one network in one way, when it is its turn. */
final class ModelFork {
  private static final Path STATUS = Path.of("/proc/self/status");

  private final Parent parent = new Parent();

  private ModelFork() {}

  public static void main(String[] args) throws IOException {
    ModelFork fork = new ModelFork();
    Parent parent = fork.parent;
    ModelJob job = parent.job(ModelJob.class);
    try {
      parent.answer(new Answer(fork.measure(job), null));
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

  private ModelTimes measure(ModelJob job) throws IOException {
    return job.variant() == ModelJob.Variant.ONNXRUNTIME ? rival(job) : bundled(job);
  }

  private ModelTimes rival(ModelJob job) throws IOException {
    try (OnnxRuntimeEngine engine = new OnnxRuntimeEngine(Path.of(job.file()), job.threads())) {
      Map<String, Tensor> inputs =
          NamedInputs.randomBatch(engine.inputs(), job.batch(), job.length(), job.seed());
      Timing.of(i -> run(() -> engine.run(inputs)), job.warmUp());
      DoubleStream.Builder millis = DoubleStream.builder();
      for (int turn = 0; turn < job.turns(); turn++) {
        endTurn();
        add(Timing.of(i -> run(() -> engine.run(inputs)), job.turn()), millis);
      }
      return new ModelTimes(
          millis.build().toArray(), List.of(), 0, 0, peakBytes(), Machine.here(), null);
    }
  }

  private ModelTimes bundled(ModelJob job) throws IOException {
    Path file = Path.of(job.file());
    Options options =
        Options.threads(job.threads()).withDense(job.variant() == ModelJob.Variant.DENSE);
    try (Program program = new Program(file, ModelFiles.read(file), options)) {
      Map<String, Tensor> inputs =
          NamedInputs.randomBatch(program.inputs(), job.batch(), job.length(), job.seed());
      Timing.ofCompiled(i -> run(() -> program.run(inputs)), job.warmUp());
      long peak = peakBytes();
      Map<String, Shape> shapes = new HashMap<>();
      inputs.forEach((name, tensor) -> shapes.put(name, tensor.shape()));
      Plan plan = program.plan(shapes);
      Roof roof = job.roof() ? roof(job) : null;
      DoubleStream.Builder millis = DoubleStream.builder();
      StepClock clock = new StepClock(program, plan, inputs);
      // Timing steps is a way through the code that no run took yet, at which all of it is compiled
      // anew, and in a short turn would be timed half done.
      clock.warmUp(job.warmUp());
      Timing.ofCompiled(i -> run(() -> program.run(inputs)), job.warmUp());
      for (int turn = 0; turn < job.turns(); turn++) {
        endTurn();
        Timing whole = Timing.ofCompiled(i -> run(() -> program.run(inputs)), job.turn());
        add(whole, millis);
        clock.turn(whole.millis().length);
      }
      long weights =
          plan.steps().stream()
              .flatMap(s -> s.products().stream())
              .mapToLong(Step.Multiplication::bytes)
              .sum();
      return new ModelTimes(
          millis.build().toArray(),
          clock.times(),
          weights,
          plan.bytes(),
          peak,
          Machine.here(),
          roof);
    }
  }

  /** Says that a turn, or the warm-up, is over, and waits for the next. */
  private void endTurn() {
    parent.answer(new Answer(null, null));
    parent.awaitTurn();
  }

  private static void add(Timing timing, DoubleStream.Builder millis) {
    Arrays.stream(timing.millis()).forEach(millis);
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
