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
  private final List<Integer> omitted;
  private final List<Map<String, Object>> results = new ArrayList<>();

  /**
   * @param omitted classes that were not learnt on, of which is told apart how they are known
   */
  Exam(Model teacher, DataSplit data, List<Integer> omitted, Context context) throws IOException {
    this.data = data;
    this.omitted = omitted;
    this.context = context;
    this.samples = data.test().isEmpty() ? data.validation() : data.test();
    this.expected = samples.isEmpty() ? new float[0][] : answers(teacher, samples);
  }

  /** What a network says of each sample: scores, or of tokens an embedding. */
  private float[][] answers(Model model, DataSet samples) throws IOException {
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
    float[][] answers = answers(model, samples);
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
    if (!omitted.isEmpty() && samples.hasLabels() && !data.validation().isEmpty()) {
      row.put("omitted", omitted(model, answers));
    }
    results.add(row);
  }

  /** The share of right answers on the validation part; 0 if it has no labels. */
  double validation(Model model) throws IOException {
    DataSet held = data.validation();
    return held.isEmpty() || !held.hasLabels() ? 0 : right(answers(model, held), held, 0)[0];
  }

  /**
   * How often those of the omitted classes are known, as it is and with their scores raised by what
   * gives the most right answers on the validation part, in steps of 0.1 (Hinton's correction).
   */
  private Map<String, Object> omitted(Model model, float[][] answers) throws IOException {
    float[][] held = answers(model, data.validation());
    double bias = 0;
    double most = -1;
    for (int step = 0; step <= 200; step++) {
      double right = right(held, data.validation(), step / 10.0)[0];
      if (right > most) {
        most = right;
        bias = step / 10.0;
      }
    }
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("classes", omitted);
    facts.put("accuracy_on_omitted", right(answers, samples, 0)[1]);
    facts.put("bias", bias);
    facts.put("accuracy_with_bias", right(answers, samples, bias)[0]);
    facts.put("accuracy_on_omitted_with_bias", right(answers, samples, bias)[1]);
    return facts;
  }

  /** Of all samples, and of those of the omitted classes, the shares that are right. */
  private double[] right(float[][] answers, DataSet of, double bias) {
    long right = 0;
    long rightOfOmitted = 0;
    long all = 0;
    for (int i = 0; i < answers.length; i++) {
      float[] scores = answers[i].clone();
      omitted.forEach(c -> scores[c] += (float) bias);
      boolean hit = OutputComparison.argMax(scores, 0, scores.length) == of.label(i);
      boolean isOmitted = omitted.contains(of.label(i));
      right += hit ? 1 : 0;
      rightOfOmitted += hit && isOmitted ? 1 : 0;
      all += isOmitted ? 1 : 0;
    }
    return new double[] {
      (double) right / answers.length, (double) rightOfOmitted / Math.max(1, all)
    };
  }

  private static void put(Map<String, Object> row, String name, String interval, Accuracy share) {
    row.put(name, share.value());
    row.put(interval, List.of(share.low(), share.high()));
  }

  List<Map<String, Object>> results() {
    return results;
  }
}
