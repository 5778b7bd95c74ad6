package compress.train;

import compress.model.Tensor;
import compress.train.data.DataSet;
import compress.train.data.Feed;
import compress.train.data.Preprocessing;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;

/** Runs networks over data sets. */
public final class Evaluator {
  private static final int BATCH = 256;
  // Samples of large images go a few at a time, so that activations stay small.
  private static final int FLOATS_PER_BATCH = 1 << 21;

  private Evaluator() {}

  /** What is done with the answers to a batch. */
  private interface Answers {
    /**
     * @param first the number of the first sample
     * @param answers one a sample
     */
    void take(int first, float[][] answers) throws IOException;
  }

  /**
   * How often the largest entry of the network's first output is at the sample's label; of equal
   * entries the first counts.
   *
   * @throws IllegalArgumentException if samples and network do not fit, or there are no labels
   */
  public static Accuracy accuracy(
      Engine engine, DataSet data, Preprocessing preprocessing, Progress progress)
      throws IOException {
    if (data.isEmpty() || !data.hasLabels()) {
      throw new IllegalArgumentException(
          data.isEmpty() ? "there are no samples to evaluate on" : "the samples have no labels");
    }
    long[] correct = new long[1];
    forEachBatch(
        engine,
        data,
        preprocessing,
        progress,
        (first, answers) -> {
          if (answers[0].length < data.classes()) {
            throw new IllegalArgumentException(
                "the network tells %d classes apart, the data has %d"
                    .formatted(answers[0].length, data.classes()));
          }
          for (int i = 0; i < answers.length; i++) {
            int answer = OutputComparison.argMax(answers[i], 0, answers[i].length);
            correct[0] += answer == data.label(first + i) ? 1 : 0;
          }
        });
    return new Accuracy(correct[0], data.size());
  }

  /** As the other, silently. */
  public static Accuracy accuracy(Engine engine, DataSet data, Preprocessing preprocessing)
      throws IOException {
    return accuracy(engine, data, preprocessing, Progress.SILENT);
  }

  /**
   * Runs both networks over the samples and compares their first outputs.
   *
   * @throws IllegalArgumentException if samples and networks do not fit
   */
  public static OutputComparison compare(
      Engine first, Engine second, DataSet data, Preprocessing preprocessing, Progress progress)
      throws IOException {
    float[][] expected = outputs(first, data, preprocessing, progress);
    OutputComparison.Collector collector = new OutputComparison.Collector();
    forEachBatch(
        second,
        data,
        preprocessing,
        progress,
        (from, answers) -> {
          for (int i = 0; i < answers.length; i++) {
            collector.add(expected[from + i], answers[i]);
          }
        });
    return collector.result();
  }

  /** The network's first output for each sample. */
  public static float[][] outputs(
      Engine engine, DataSet data, Preprocessing preprocessing, Progress progress)
      throws IOException {
    float[][] all = new float[data.size()][];
    forEachBatch(
        engine,
        data,
        preprocessing,
        progress,
        (from, answers) -> System.arraycopy(answers, 0, all, from, answers.length));
    return all;
  }

  private static void forEachBatch(
      Engine engine, DataSet data, Preprocessing preprocessing, Progress progress, Answers taker)
      throws IOException {
    Feed feed = Feed.of(data, preprocessing, engine.inputs());
    int open = Math.clamp(FLOATS_PER_BATCH / data.sampleShape().size(), 1, BATCH);
    int size = feed.fixedBatch().orElse(open);
    try (Progress.Task task = progress.start("evaluate", data.size())) {
      for (int from = 0; from < data.size(); from += size) {
        int count = Math.min(size, data.size() - from);
        int start = from;
        // A network with a batch of its own gets the last sample again until it is full.
        int asked = feed.fixedBatch().orElse(count);
        int[] numbers = IntStream.range(start, start + count).toArray();
        Map<String, Tensor> given = Feed.rows(feed.batch(numbers), 0, count, asked);
        Tensor output = engine.run(given).firstEntry().getValue();
        taker.take(from, rows(output, asked, count));
        task.advance(count);
      }
    }
  }

  private static float[][] rows(Tensor output, int asked, int count) {
    if (output.size() % asked != 0) {
      throw new IllegalArgumentException(
          "the network's output %s is not one answer for each of %d samples"
              .formatted(output.shape(), asked));
    }
    float[] values = output.toFloats();
    int length = values.length / asked;
    float[][] rows = new float[count][];
    for (int i = 0; i < count; i++) {
      rows[i] = Arrays.copyOfRange(values, i * length, (i + 1) * length);
    }
    return rows;
  }
}
