package compress.train.torch;

import compress.model.Model;
import compress.train.Augment;
import compress.train.Augmenter;
import compress.train.Context;
import compress.train.EpochLog;
import compress.train.Fingerprint;
import compress.train.Guidance;
import compress.train.Keep;
import compress.train.OutputComparison;
import compress.train.Progress;
import compress.train.Scores;
import compress.train.StepHook;
import compress.train.TrainOptions;
import compress.train.Trained;
import compress.train.data.Batches;
import compress.train.data.DataSet;
import compress.train.data.DataSplit;
import compress.train.data.Draw;
import compress.train.data.Feed;
import compress.train.data.Mixing;
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
  private final Feed feed;
  private final int stepsPerEpoch;
  private final Mode mode;
  private final boolean drops;
  private final Optional<Guided> guided;

  /** What the guide says of a validation part without labels. */
  private final Optional<Guidance> heldOut;

  private final List<EpochLog> log = new ArrayList<>();
  private Optional<List<float[]>> best = Optional.empty();
  private boolean stopped;

  Training(Model model, DataSplit data, TrainOptions options, Context context, StepHook hook)
      throws IOException {
    this.model = model;
    this.data = data;
    this.options = options;
    this.context = context;
    this.hook = hook;
    Optional<Model> open =
        OpenBatch.of(model, data.train(), data.preprocessing(), context.threads());
    this.opened = open.isPresent();
    this.runnable = open.orElse(model);
    this.feed = feed(data.train());
    this.guided = guided();
    this.heldOut = heldOut();
    List<String> values = new ArrayList<>(List.of(Scores.of(runnable)));
    guided.ifPresent(g -> values.addAll(g.values()));
    this.program = new Program(runnable, values);
    this.params = new LiveParams(runnable, options);
    learning().forEach(live -> live.wantMoments(Descent.moments(options.optimizer())));
    this.stepsPerEpoch = Math.ceilDiv(data.train().size(), options.batch());
    // The statistics of one sample say nothing of the others.
    boolean batchStatistics =
        !options.freezeBatchNorm() && feed.fixedBatch().orElse(2) > 1 && options.batch() > 1;
    this.mode = new Mode(true, batchStatistics, options.dropout());
    this.drops =
        !options.dropout().isEmpty()
            || model.graph().orElseThrow().nodes().stream().anyMatch(n -> n.is("Dropout"));
  }

  private Feed feed(DataSet samples) {
    return Feed.of(samples, data.preprocessing(), runnable.graph().orElseThrow().inputs());
  }

  private Optional<Guided> guided() throws IOException {
    if (options.guide().isEmpty()) {
      return Optional.empty();
    }
    Guidance guidance = options.guide().get().begin(runnable, data, options, context);
    return Optional.of(new Guided(guidance));
  }

  private Optional<Guidance> heldOut() throws IOException {
    if (guided.isEmpty() || data.validation().isEmpty() || data.validation().hasLabels()) {
      return Optional.empty();
    }
    DataSplit others =
        new DataSplit(
            data.validation(), data.validation(), data.validation(), data.preprocessing());
    TrainOptions plain = options.withAugment(Augment.NONE);
    return Optional.of(options.guide().get().begin(runnable, others, plain, context));
  }

  /** The student's params that learn, then those of the loss. */
  private List<LiveParam> learning() {
    List<LiveParam> all = new ArrayList<>(params.learning());
    guided.ifPresent(g -> all.addAll(g.params().learning()));
    return all;
  }

  /** As {@link LiveParams#snapshot}, those of the loss behind. */
  private List<float[]> snapshot() {
    List<float[]> arrays = params.snapshot();
    guided.ifPresent(g -> arrays.addAll(g.params().snapshot()));
    return arrays;
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
          best = Optional.of(snapshot());
        }
        int chosen = bestEpoch();
        stopped =
            options.patience() > 0 && chosen > 0 && done.epoch() - chosen >= options.patience();
        String validation =
            Double.isNaN(done.validation())
                ? ""
                : done.validation() < 0
                    ? ", validation loss %.4f".formatted(-done.validation())
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
    Model trained = log.isEmpty() ? model : params.applied(model, best.orElseGet(this::snapshot));
    int kept = keptEpoch();
    return new Trained(
        trained,
        List.copyOf(log),
        kept,
        kept == 0 ? Double.NaN : log.get(kept - 1).validation(),
        params.masks(),
        notes());
  }

  private List<String> notes() {
    List<String> notes = TorchTraining.notes(model, feed, options, opened);
    guided.ifPresent(g -> notes.addAll(g.guidance().notes()));
    return notes;
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

  private EpochLog epoch(int epoch, Progress.Task task) throws IOException {
    DataSet train = data.train();
    int[] order = Order.shuffled(train.size(), Order.seed(context.seed(), epoch));
    Batches.Change change =
        options.augment().changes()
            ? new Augmenter(options.augment(), train.sampleShape(), context.seed(), epoch)
            : Batches.Change.NONE;
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
        losses += gradients(batch, change, step) * used;
        hook.afterGradients(step, params);
        Descent.step(params, options.optimizer(), step, factor);
        if (guided.isPresent()) {
          Descent.step(guided.get().params(), options.optimizer(), step, factor);
        }
      }
      samples += used;
      task.advance(1);
    }
    double validation = validation();
    return new EpochLog(
        epoch + 1, losses / Math.max(1, samples), validation, options.optimizer().rate() * factor);
  }

  /** Leaves the gradients of the batch's mean loss in the params, and returns that loss. */
  private double gradients(int[] batch, Batches.Change change, int step) throws IOException {
    int chunk = feed.fixedBatch().orElse(batch.length);
    double loss = 0;
    for (int from = 0; from < batch.length; from += chunk) {
      int[] samples = Arrays.copyOfRange(batch, from, Math.min(from + chunk, batch.length));
      Draw draw = new Draw(samples, change, mixing(samples.length, step, from));
      loss += backward(draw, (double) samples.length / batch.length, step);
    }
    return loss;
  }

  private Optional<Mixing> mixing(int samples, int step, int from) {
    double alpha = options.augment().mixup();
    return alpha == 0
        ? Optional.empty()
        : Optional.of(Mixing.draw(alpha, samples, Order.seed(context.seed(), 2, step, from)));
  }

  private double backward(Draw draw, double share, int step) throws IOException {
    // A network with a batch of its own gets the last sample again; its loss does not count.
    int rows = feed.fixedBatch().orElse(draw.size());
    Map<String, Tensor> given = new HashMap<>();
    Feed.rows(feed.batch(draw), 0, draw.size(), rows)
        .forEach((name, tensor) -> given.put(name, Libtorch.channelsLast(Libtorch.copy(tensor))));
    List<Tensor> values;
    try (Autocast cast = new Autocast(options.precision())) {
      values = cast.widened(program.run(given, params.seen(), mode, false));
    }
    Tensor loss = loss(given, values, rows, draw, step);
    Tensor scaled = share == 1 ? loss : loss.mul(new Scalar(share));
    scaled.backward();
    double value = scaled.item_double();
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException(
          "the loss is %s; lower the learning rate, or check the preprocessing".formatted(value));
    }
    return value;
  }

  /** That of the labels and that of the guide, each as far as there is one. */
  private Tensor loss(Map<String, Tensor> given, List<Tensor> values, int rows, Draw draw, int step)
      throws IOException {
    double epoch = (double) step / stepsPerEpoch;
    double share = guided.map(g -> g.guidance().labelShare(epoch, options.epochs())).orElse(1.0);
    Optional<Tensor> hard = Optional.empty();
    if (data.train().hasLabels() && share != 0) {
      Tensor scores = Head.rows(values.getFirst(), rows).narrow(0, 0, draw.size());
      requireClasses(scores.size(1));
      Tensor loss = Head.loss(scores, data.train(), draw, options.labelSmoothing());
      hard = Optional.of(share == 1 ? loss : loss.mul(new Scalar(share)));
    }
    if (guided.isEmpty()) {
      return hard.orElseThrow();
    }
    List<Tensor> taps = values.subList(1, values.size());
    Tensor soft =
        guided.get().loss(given, taps, draw, guided.get().guidance(), epoch, options.epochs());
    return hard.isPresent() ? hard.get().add(soft) : soft;
  }

  private void requireClasses(long columns) {
    if (columns < data.train().classes()) {
      throw new IllegalArgumentException(
          "the network tells %d classes apart, the data has %d"
              .formatted(columns, data.train().classes()));
    }
  }

  private double validation() throws IOException {
    if (data.validation().isEmpty()) {
      return Double.NaN;
    }
    if (data.validation().hasLabels()) {
      return accuracy(data.validation());
    }
    return heldOut.isPresent() ? -heldOutLoss(data.validation()) : Double.NaN;
  }

  /** The guide's mean loss on samples without labels, its numbers being those of the end. */
  private double heldOutLoss(DataSet samples) throws IOException {
    Feed source = feed(samples);
    int size = source.fixedBatch().orElse(options.batch());
    double losses = 0;
    for (int from = 0; from < samples.size(); from += size) {
      int count = Math.min(size, samples.size() - from);
      Draw draw = Draw.of(IntStream.range(from, from + count).toArray());
      try (PointerScope _ = new PointerScope();
          AutoGradMode _ = new AutoGradMode(false)) {
        Map<String, Tensor> given = new HashMap<>();
        Feed.rows(source.batch(draw), 0, count, source.fixedBatch().orElse(count))
            .forEach((name, tensor) -> given.put(name, Libtorch.copy(tensor)));
        List<Tensor> values = program.run(given, params.seen(), Mode.INFERENCE, false);
        Tensor loss =
            guided
                .orElseThrow()
                .loss(
                    given,
                    values.subList(1, values.size()),
                    draw,
                    heldOut.orElseThrow(),
                    options.epochs(),
                    options.epochs());
        losses += loss.item_double() * count;
      }
    }
    return losses / samples.size();
  }

  /** The share of right answers with the params as they are. */
  private double accuracy(DataSet samples) {
    Feed source = feed(samples);
    int size = source.fixedBatch().orElse(EVALUATION_BATCH);
    long correct = 0;
    for (int from = 0; from < samples.size(); from += size) {
      int start = from;
      int count = Math.min(size, samples.size() - from);
      int asked = source.fixedBatch().orElse(count);
      int[] numbers = IntStream.range(start, start + count).toArray();
      try (PointerScope _ = new PointerScope();
          AutoGradMode _ = new AutoGradMode(false)) {
        Map<String, Tensor> given = new HashMap<>();
        Feed.rows(source.batch(numbers), 0, count, asked)
            .forEach((name, tensor) -> given.put(name, Libtorch.copy(tensor)));
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
            .add("training 2")
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
                    .withoutGuide())
            .add(new TreeMap<>(options.dropout()))
            .add(new TreeSet<>(options.frozen()));
    options.guide().ifPresent(guide -> inputs.add(guide.describe()));
    return "train-" + inputs.hex().substring(0, 32) + ".checkpoint";
  }

  private Checkpoint checkpoint() {
    List<float[]> moments = new ArrayList<>();
    learning().forEach(p -> p.moments().forEach(m -> moments.add(Libtorch.toFloats(m))));
    return new Checkpoint(
        log,
        stopped,
        snapshot(),
        moments,
        params.masks(),
        best,
        MemorySegment.ofArray(hook.state()));
  }

  private void resume(Checkpoint from) {
    from.masks().forEach(params::setMask);
    int own = params.snapshot().size();
    params.restore(from.params().subList(0, own));
    guided.ifPresent(g -> g.params().restore(from.params().subList(own, from.params().size())));
    int i = 0;
    for (LiveParam param : learning()) {
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
    guided.ifPresent(Guided::close);
    heldOut.ifPresent(Guidance::close);
  }
}
