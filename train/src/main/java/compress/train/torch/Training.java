package compress.train.torch;

import compress.model.Model;
import compress.model.ValueInfo;
import compress.train.Augment;
import compress.train.Augmenter;
import compress.train.Context;
import compress.train.EpochLog;
import compress.train.Fingerprint;
import compress.train.Keep;
import compress.train.OutputComparison;
import compress.train.Progress;
import compress.train.StepHook;
import compress.train.TrainOptions;
import compress.train.Trained;
import compress.train.data.Batches;
import compress.train.data.DataSet;
import compress.train.data.DataSplit;
import compress.train.data.Order;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** One training, from its first epoch or a checkpoint to its last epoch. */
final class Training implements AutoCloseable {
  private static final int EVALUATION_BATCH = 256;

  private final Model model;

  /** The model, or what stands in for it while it is trained. */
  private final Model runnable;

  private final boolean opened;

  private final DataSplit data;
  private final TrainOptions options;
  private final Context context;
  private final StepHook hook;
  private final LiveParams params;
  private final Program program;
  private final String input;
  private final Batches batches;
  private final int stepsPerEpoch;
  private final Mode mode;
  private final boolean drops;
  private final Optional<Teacher> teacher;

  private final List<EpochLog> log = new ArrayList<>();
  private Optional<List<float[]>> best = Optional.empty();
  private boolean stopped;

  Training(Model model, DataSplit data, TrainOptions options, Context context, StepHook hook) {
    this.model = model;
    this.data = data;
    this.options = options;
    this.context = context;
    this.hook = hook;
    ValueInfo declared = model.graph().orElseThrow().inputs().getFirst();
    this.input = declared.name();
    Batches asDeclared = Batches.of(data.train(), data.preprocessing(), declared);
    Optional<Model> open = OpenBatch.of(model, asDeclared, context.threads());
    this.opened = open.isPresent();
    this.runnable = open.orElse(model);
    this.batches = Batches.of(data.train(), data.preprocessing(), runInput());
    this.program = new Program(runnable, List.of(Head.scores(runnable)));
    this.params = new LiveParams(runnable, options);
    params.learning().forEach(live -> live.wantMoments(Descent.moments(options.optimizer())));
    this.stepsPerEpoch = Math.ceilDiv(data.train().size(), options.batch());
    // The statistics of one sample say nothing of the others.
    boolean batchStatistics =
        !options.freezeBatchNorm() && batches.fixedBatch().orElse(2) > 1 && options.batch() > 1;
    this.mode = new Mode(true, batchStatistics, options.dropout());
    this.drops =
        !options.dropout().isEmpty()
            || model.graph().get().nodes().stream().anyMatch(n -> n.is("Dropout"));
    this.teacher = options.distill().map(d -> new Teacher(d.teacher(), data, context.threads()));
  }

  private ValueInfo runInput() {
    return runnable.graph().orElseThrow().inputs().getFirst();
  }

  /** The network that is learnt from, ready to run. */
  private static final class Teacher {
    private final TorchEngine engine;
    private final String input;
    private final Batches batches;

    Teacher(Model model, DataSplit data, int threads) {
      this.engine = new TorchEngine(model, threads, List.of(Head.scores(model)));
      this.input = engine.inputs().getFirst().name();
      this.batches = Batches.of(data.train(), data.preprocessing(), engine.inputs().getFirst());
    }

    Tensor scores(int[] samples, Batches.Change change) {
      if (batches.fixedBatch().isEmpty()) {
        return scoresOfChunk(samples, change);
      }
      int chunk = batches.fixedBatch().getAsInt();
      Tensor[] parts = new Tensor[Math.ceilDiv(samples.length, chunk)];
      for (int i = 0; i < parts.length; i++) {
        int from = i * chunk;
        int count = Math.min(chunk, samples.length - from);
        int[] filled =
            IntStream.range(0, chunk).map(j -> samples[from + Math.min(j, count - 1)]).toArray();
        parts[i] = scoresOfChunk(filled, change).narrow(0, 0, count);
      }
      return torch.cat(new TensorVector(parts), 0);
    }

    private Tensor scoresOfChunk(int[] samples, Batches.Change change) {
      Tensor x = Libtorch.copy(batches.batch(samples, change));
      return Head.rows(engine.runInside(Map.of(input, x)).getFirst(), samples.length);
    }
  }

  Trained run() throws IOException {
    Optional<Path> file = context.checkpoints().map(folder -> folder.resolve(checkpointName()));
    if (file.isPresent()) {
      Checkpoint.read(file.get()).ifPresent(this::resume);
    }
    long total = (long) options.epochs() * stepsPerEpoch;
    try (Progress.Task task = context.progress().start("train", total)) {
      task.advance((long) log.size() * stepsPerEpoch);
      while (log.size() < options.epochs() && !stopped) {
        EpochLog done = epoch(log.size(), task);
        log.add(done);
        if (options.keep() == Keep.BEST && keptEpoch() == done.epoch()) {
          best = Optional.of(params.snapshot());
        }
        int chosen = bestEpoch();
        stopped =
            options.patience() > 0 && chosen > 0 && done.epoch() - chosen >= options.patience();
        String validation =
            Double.isNaN(done.validation())
                ? ""
                : ", validation %.2f %%".formatted(100 * done.validation());
        task.note("epoch %d: loss %.4f%s".formatted(done.epoch(), done.loss(), validation));
        if (file.isPresent()) {
          checkpoint().write(file.get());
        }
      }
    }
    return result();
  }

  private Trained result() {
    Model trained = log.isEmpty() ? model : params.applied(model, best.orElseGet(params::snapshot));
    int kept = keptEpoch();
    return new Trained(
        trained,
        List.copyOf(log),
        kept,
        kept == 0 ? Double.NaN : log.get(kept - 1).validation(),
        params.masks(),
        TorchTraining.notes(model, batches, options, opened));
  }

  private int keptEpoch() {
    return options.keep() == Keep.BEST ? bestEpoch() : log.size();
  }

  /** The epoch with the best validation accuracy, of equals the earliest; 0 if none may be kept. */
  private int bestEpoch() {
    int found = 0;
    int first = hook.firstEpochToKeep(stepsPerEpoch);
    for (EpochLog epoch : log.subList(Math.min(first - 1, log.size()), log.size())) {
      if (found == 0 || epoch.validation() > log.get(found - 1).validation()) {
        found = epoch.epoch();
      }
    }
    return found;
  }

  private EpochLog epoch(int epoch, Progress.Task task) {
    DataSet train = data.train();
    int[] order = Order.shuffled(train.size(), Order.seed(context.seed(), epoch));
    Batches.Change change =
        options.augment().equals(Augment.NONE)
            ? (_, _) -> {}
            : new Augmenter(options.augment(), train.sampleShape(), context.seed(), epoch);
    double losses = 0;
    long samples = 0;
    double factor = 0;
    for (int i = 0; i < stepsPerEpoch; i++) {
      int step = epoch * stepsPerEpoch + i;
      factor = options.rate().factor((double) step / stepsPerEpoch, options.epochs());
      hook.beforeStep(step, stepsPerEpoch, params);
      int[] batch =
          Arrays.copyOfRange(
              order, i * options.batch(), Math.min((i + 1) * options.batch(), order.length));
      int used = batch.length;
      if (drops) {
        torch.manual_seed(Order.seed(context.seed(), 1, step));
      }
      try (PointerScope _ = new PointerScope()) {
        losses += gradients(batch, change) * used;
        hook.afterGradients(step, params);
        Descent.step(params, options.optimizer(), step, factor);
      }
      samples += used;
      task.advance(1);
    }
    double validation = data.validation().isEmpty() ? Double.NaN : accuracy(data.validation());
    return new EpochLog(
        epoch + 1, losses / Math.max(1, samples), validation, options.optimizer().rate() * factor);
  }

  /** Leaves the gradients of the batch's mean loss in the params, and returns that loss. */
  private double gradients(int[] batch, Batches.Change change) {
    int chunk = batches.fixedBatch().orElse(batch.length);
    double loss = 0;
    for (int from = 0; from < batch.length; from += chunk) {
      int start = from;
      int count = Math.min(chunk, batch.length - from);
      // A network with a batch of its own gets the last sample again; its loss does not count.
      int[] samples =
          IntStream.range(0, chunk).map(i -> batch[start + Math.min(i, count - 1)]).toArray();
      loss += backward(samples, count, change, (double) count / batch.length);
    }
    return loss;
  }

  private double backward(int[] samples, int count, Batches.Change change, double share) {
    Map<String, Tensor> given = new HashMap<>();
    given.put(input, Libtorch.copy(batches.batch(samples, change)));
    Tensor output = program.run(given, params.seen(), mode, false).getFirst();
    Tensor scores = Head.rows(output, samples.length).narrow(0, 0, count);
    requireClasses(scores.size(1));
    long[] labels =
        IntStream.range(0, count).mapToLong(i -> data.train().label(samples[i])).toArray();
    Optional<Tensor> soft = teacher.map(t -> t.scores(Arrays.copyOf(samples, count), change));
    Tensor loss = Head.loss(scores, Libtorch.longs(labels), soft, options);
    Tensor scaled = share == 1 ? loss : loss.mul(new Scalar(share));
    scaled.backward();
    double value = scaled.item_double();
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException(
          "the loss is %s; lower the learning rate, or check the preprocessing".formatted(value));
    }
    return value;
  }

  private void requireClasses(long columns) {
    if (columns < data.train().classes()) {
      throw new IllegalArgumentException(
          "the network tells %d classes apart, the data has %d"
              .formatted(columns, data.train().classes()));
    }
  }

  /** The share of right answers with the params as they are. */
  private double accuracy(DataSet samples) {
    Batches source = Batches.of(samples, data.preprocessing(), runInput());
    int size = source.fixedBatch().orElse(EVALUATION_BATCH);
    long correct = 0;
    for (int from = 0; from < samples.size(); from += size) {
      int start = from;
      int count = Math.min(size, samples.size() - from);
      int asked = source.fixedBatch().orElse(count);
      int[] numbers =
          IntStream.range(0, asked).map(i -> Math.min(start + i, samples.size() - 1)).toArray();
      try (PointerScope _ = new PointerScope();
          AutoGradMode _ = new AutoGradMode(false)) {
        Map<String, Tensor> given = Map.of(input, Libtorch.copy(source.batch(numbers)));
        Tensor output = program.run(given, params.seen(), Mode.INFERENCE, false).getFirst();
        float[] scores = Libtorch.toFloats(output.to(torch.ScalarType.Float));
        int columns = scores.length / asked;
        for (int i = 0; i < count; i++) {
          int answer = OutputComparison.argMax(scores, i * columns, (i + 1) * columns);
          correct += answer == samples.label(from + i) ? 1 : 0;
        }
      }
    }
    return (double) correct / samples.size();
  }

  private String checkpointName() {
    Fingerprint inputs =
        new Fingerprint()
            .add("training 1")
            .add(model)
            .add(data.train().sha256())
            .add(data.validation().sha256())
            .add(data.preprocessing())
            .add(context.seed())
            .add(context.threads())
            .add(hook.describe())
            .add(options.masks())
            .add(
                options
                    .withMasks(Map.of())
                    .withFrozen(Set.of())
                    .withDropout(Map.of())
                    .withoutDistill())
            .add(new TreeMap<>(options.dropout()))
            .add(new TreeSet<>(options.frozen()));
    options.distill().ifPresent(d -> inputs.add(d.teacher()).add(d.temperature()).add(d.lambda()));
    return "train-" + inputs.hex().substring(0, 32) + ".checkpoint";
  }

  private Checkpoint checkpoint() {
    List<float[]> moments = new ArrayList<>();
    params.learning().forEach(p -> p.moments().forEach(m -> moments.add(Libtorch.toFloats(m))));
    return new Checkpoint(
        log,
        stopped,
        params.snapshot(),
        moments,
        params.masks(),
        best,
        MemorySegment.ofArray(hook.state()));
  }

  private void resume(Checkpoint from) {
    from.masks().forEach(params::setMask);
    params.restore(from.params());
    int i = 0;
    for (LiveParam param : params.learning()) {
      for (Tensor moment : param.moments()) {
        Libtorch.set(moment, from.moments().get(i++));
      }
    }
    log.addAll(from.log());
    best = from.best();
    stopped = from.stopped();
    hook.restore(from.hookState().toArray(ValueLayout.JAVA_BYTE));
  }

  @Override
  public void close() {
    params.close();
    teacher.ifPresent(t -> t.engine.close());
  }
}
