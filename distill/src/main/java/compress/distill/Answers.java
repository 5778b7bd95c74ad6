package compress.distill;

import compress.model.AtomicFile;
import compress.model.Graph;
import compress.model.MappedFile;
import compress.model.Model;
import compress.model.Node;
import compress.model.Param;
import compress.model.Shape;
import compress.model.Tensor;
import compress.train.Augment;
import compress.train.Context;
import compress.train.Fingerprint;
import compress.train.Progress;
import compress.train.TrainOptions;
import compress.train.data.DataSplit;
import compress.train.data.Draw;
import compress.train.data.Feed;
import compress.train.torch.OpenBatch;
import compress.train.torch.TorchEngine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.IntStream;

/**
 * A teacher's answers to training samples: asked for at each step, or once for all samples and then
 * read from a mapped file, so that memory does not grow with their number. The file has one record
 * of floats for each sample, its views one behind the other.
 */
final class Answers implements AutoCloseable {
  private static final int BATCH = 128;
  private static final double MEBI = 1 << 20;

  private final TorchEngine engine;
  private final Feed feed;
  private final String note;
  private Optional<Kept> kept = Optional.empty();

  /**
   * Answers in a file.
   *
   * @param shapes of the views, for one sample
   * @param temporary whether the file goes at the end
   */
  private record Kept(
      SequencedMap<String, Shape> shapes, MemorySegment floats, Path file, boolean temporary) {}

  private Answers(TorchEngine engine, Feed feed, String note) {
    this.engine = engine;
    this.feed = feed;
    this.note = note;
  }

  static Answers of(
      Teacher teacher,
      DataSplit data,
      TrainOptions options,
      Context context,
      Distillation.Cache cache)
      throws IOException {
    Model model =
        OpenBatch.of(teacher.model(), data.train(), data.preprocessing(), context.threads())
            .map(open -> withGraphOf(open, teacher.asked()))
            .orElse(teacher.asked());
    TorchEngine engine = new TorchEngine(model, context.threads(), options.precision());
    try {
      Feed feed = Feed.of(data.train(), data.preprocessing(), engine.inputs());
      String objection =
          !options.augment().equals(Augment.NONE)
              ? "samples are augmented"
              : teacher.varies() ? "they are as long as each sequence" : "";
      if (!objection.isEmpty()) {
        return new Answers(engine, feed, atEachStep(objection));
      }
      SequencedMap<String, Shape> shapes = shapes(ask(engine, feed, Draw.of(0)));
      long bytes = record(shapes) * data.train().size();
      if (bytes > cache.mostBytes()) {
        String why =
            "%.0f MiB of answers, %.0f allowed".formatted(bytes / MEBI, cache.mostBytes() / MEBI);
        return new Answers(engine, feed, atEachStep(why));
      }
      String note = "the teacher was asked once, %.1f MiB of answers".formatted(bytes / MEBI);
      Answers answers = new Answers(engine, feed, note);
      Optional<Path> folder = cache.folder().or(context::checkpoints);
      answers.keep(model, shapes, data, context, folder);
      return answers;
    } catch (IOException | RuntimeException e) {
      engine.close();
      throw e;
    }
  }

  private static String atEachStep(String why) {
    return "the teacher was asked at each step: " + why;
  }

  /** The nodes of {@code asked} behind those of {@code open}, which are otherwise the same. */
  private static Model withGraphOf(Model open, Model asked) {
    Graph before = open.graph().orElseThrow();
    Graph after = asked.graph().orElseThrow();
    List<Node> nodes = new ArrayList<>(before.nodes());
    nodes.addAll(after.nodes().subList(nodes.size(), after.nodes().size()));
    SequencedMap<String, Param> params = new LinkedHashMap<>(asked.params());
    params.putAll(open.params());
    return new Model(
        Optional.of(
            new Graph(after.name(), nodes, before.inputs(), after.outputs(), after.carried())),
        params,
        asked.opsets(),
        asked.metadata(),
        asked.carried());
  }

  private static SequencedMap<String, Shape> shapes(Map<String, Tensor> one) {
    SequencedMap<String, Shape> shapes = new LinkedHashMap<>();
    one.forEach((name, tensor) -> {
      long[] dims = tensor.shape().toArray();
      shapes.put(name, Shape.of(Arrays.copyOfRange(dims, 1, dims.length)));
    });
    return shapes;
  }

  /** The bytes of a sample's views. */
  private static long record(SequencedMap<String, Shape> shapes) {
    return shapes.values().stream().mapToLong(Shape::size).sum() * Float.BYTES;
  }

  /** In a few words, how the answers came about. */
  String note() {
    return note;
  }

  /**
   * @param folder where the file stays; empty for one that goes at the end
   */
  private void keep(
      Model model,
      SequencedMap<String, Shape> shapes,
      DataSplit data,
      Context context,
      Optional<Path> folder)
      throws IOException {
    boolean temporary = folder.isEmpty();
    Path file =
        temporary
            ? Files.createTempFile("compress-answers", ".floats")
            : folder.get().resolve(name(model, data, context));
    long size = record(shapes) * data.train().size();
    if (temporary || !Files.exists(file) || Files.size(file) != size) {
      write(file, data.train().size(), context.progress());
    }
    kept = Optional.of(new Kept(shapes, MappedFile.map(file), file, temporary));
  }

  private static String name(Model model, DataSplit data, Context context) {
    String inputs =
        new Fingerprint()
            .add("answers 1")
            .add(model)
            .add(data.train().sha256())
            .add(data.preprocessing())
            .add(context.threads())
            .hex();
    return "answers-" + inputs.substring(0, 32) + ".floats";
  }

  private void write(Path file, int samples, Progress progress) throws IOException {
    try (AtomicFile out = AtomicFile.create(file);
        Progress.Task task = progress.start("ask the teacher", samples)) {
      for (int from = 0; from < samples; from += BATCH) {
        int to = Math.min(samples, from + BATCH);
        Map<String, Tensor> views = ask(engine, feed, Draw.of(IntStream.range(from, to).toArray()));
        write(out.channel(), records(views, to - from));
        task.advance(to - from);
      }
      out.commit();
    }
  }

  /** The views of each sample, one sample behind the other. */
  private static ByteBuffer records(Map<String, Tensor> views, int samples) {
    long all = views.values().stream().mapToLong(v -> v.data().byteSize()).sum();
    byte[] bytes = new byte[Math.toIntExact(all)];
    MemorySegment to = MemorySegment.ofArray(bytes);
    long at = 0;
    for (int i = 0; i < samples; i++) {
      for (Tensor view : views.values()) {
        long row = view.data().byteSize() / samples;
        MemorySegment.copy(view.data(), i * row, to, at, row);
        at += row;
      }
    }
    return ByteBuffer.wrap(bytes);
  }

  private static void write(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /** What the teacher says of the samples of a draw, by the names of its outputs. */
  Map<String, Tensor> of(Draw draw) {
    return kept.isPresent() && draw.isPlain() ? read(kept.get(), draw) : ask(engine, feed, draw);
  }

  private static Map<String, Tensor> read(Kept kept, Draw draw) {
    Map<String, Tensor> views = new LinkedHashMap<>();
    long record = record(kept.shapes);
    long at = 0;
    for (Map.Entry<String, Shape> view : kept.shapes.entrySet()) {
      int row = Math.toIntExact(view.getValue().size());
      float[] values = new float[row * draw.size()];
      for (int i = 0; i < draw.size(); i++) {
        long from = draw.samples()[i] * record + at;
        MemorySegment.copy(kept.floats, Tensor.FLOAT, from, values, i * row, row);
      }
      views.put(view.getKey(), Tensor.of(rows(draw.size(), view.getValue()), values));
      at += (long) row * Float.BYTES;
    }
    return views;
  }

  private static Shape rows(int count, Shape one) {
    return Shape.of(
        IntStream.rangeClosed(0, one.rank())
            .mapToLong(a -> a == 0 ? count : one.dim(a - 1))
            .toArray());
  }

  private static SequencedMap<String, Tensor> ask(TorchEngine engine, Feed feed, Draw draw) {
    SequencedMap<String, Tensor> batch = feed.batch(draw);
    if (feed.fixedBatch().isEmpty()) {
      return engine.run(batch);
    }
    int size = feed.fixedBatch().getAsInt();
    SequencedMap<String, List<Tensor>> parts = new LinkedHashMap<>();
    for (int from = 0; from < draw.size(); from += size) {
      int to = Math.min(draw.size(), from + size);
      SequencedMap<String, Tensor> answers = engine.run(Feed.rows(batch, from, to, size));
      Feed.rows(answers, 0, to - from, to - from)
          .forEach((name, part) -> parts.computeIfAbsent(name, n -> new ArrayList<>()).add(part));
    }
    SequencedMap<String, Tensor> joined = new LinkedHashMap<>();
    parts.forEach((name, tensors) -> joined.put(name, Feed.joined(tensors)));
    return joined;
  }

  @Override
  public void close() {
    engine.close();
    if (kept.isPresent() && kept.get().temporary) {
      try {
        Files.deleteIfExists(kept.get().file);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
