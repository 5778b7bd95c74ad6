package compress.distill;

import compress.model.Model;
import compress.model.Tensor;
import compress.train.Accuracy;
import compress.train.Context;
import compress.train.Engine;
import compress.train.Evaluator;
import compress.train.OutputComparison;
import compress.train.data.DataSet;
import compress.train.data.DataSplit;
import compress.train.data.Feed;
import compress.train.torch.OpenBatch;
import compress.train.torch.TorchEngine;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Several networks asked the same: how often each is right, and how often it says what the teacher
 * says. On the test part; on the validation part if there is no other; of sentences, the cosine of
 * their embeddings to the teacher's.
 */
final class Exam {
  private final DataSet samples;
  private final DataSplit data;
  private final Context context;
  private final float[][] expected;
  private final List<Map<String, Object>> results = new ArrayList<>();

  Exam(Model teacher, DataSplit data, Context context) throws IOException {
    this.data = data;
    this.context = context;
    this.samples = data.test().isEmpty() ? data.validation() : data.test();
    this.expected = samples.isEmpty() ? new float[0][] : answers(teacher);
  }

  /** What a network says of each sample: scores, or of tokens an embedding. */
  private float[][] answers(Model model) throws IOException {
    Model open =
        OpenBatch.of(model, samples, data.preprocessing(), context.threads()).orElse(model);
    try (Engine engine = new TorchEngine(open, context.threads())) {
      if (!samples.isTokens()) {
        return Evaluator.outputs(engine, samples, data.preprocessing(), context.progress());
      }
      Feed feed = Feed.of(samples, data.preprocessing(), engine.inputs());
      float[][] embeddings = new float[samples.size()][];
      for (int i = 0; i < embeddings.length; i++) {
        // Alone, so that nothing is filled up.
        embeddings[i] = mean(engine.run(feed.batch(i)).firstEntry().getValue());
      }
      return embeddings;
    }
  }

  /** Over the tokens. */
  private static float[] mean(Tensor output) {
    float[] values = output.toFloats();
    float[] mean = new float[(int) output.shape().dim(-1)];
    for (int i = 0; i < values.length; i++) {
      mean[i % mean.length] += values[i] * mean.length / values.length;
    }
    return mean;
  }

  /** Asks a network, and writes down what came of it. */
  void ask(String who, Model model) throws IOException {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("network", who);
    row.put("parameters", model.parameters());
    if (samples.isEmpty()) {
      results.add(row);
      return;
    }
    float[][] answers = answers(model);
    OutputComparison.Collector collector = new OutputComparison.Collector();
    long right = 0;
    long same = 0;
    for (int i = 0; i < answers.length; i++) {
      collector.add(expected[i], answers[i]);
      int answer = OutputComparison.argMax(answers[i], 0, answers[i].length);
      right += samples.hasLabels() && answer == samples.label(i) ? 1 : 0;
      same += answer == OutputComparison.argMax(expected[i], 0, expected[i].length) ? 1 : 0;
    }
    if (samples.hasLabels()) {
      put(row, "accuracy", "ci95", new Accuracy(right, answers.length));
    }
    if (samples.isTokens()) {
      row.put("cosine", collector.result().cosine());
    } else {
      put(row, "agreement", "agreement_ci95", new Accuracy(same, answers.length));
      row.put("kl_divergence", collector.result().klDivergence());
    }
    row.put("samples", answers.length);
    results.add(row);
  }

  private static void put(Map<String, Object> row, String name, String interval, Accuracy share) {
    row.put(name, share.value());
    row.put(interval, List.of(share.low(), share.high()));
  }

  List<Map<String, Object>> results() {
    return results;
  }
}
