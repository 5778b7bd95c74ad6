package compress.prune;

import compress.model.Model;
import compress.model.Tensor;
import compress.train.Accuracy;
import compress.train.Engine;
import compress.train.Evaluator;
import compress.train.OutputComparison;
import compress.train.Progress;
import compress.train.data.DataSet;
import compress.train.data.DataSplit;
import compress.train.data.Inputs;
import compress.train.onnxruntime.OnnxRuntimeEngine;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * How much worse a pruned network is than the one it was made from, on samples that nothing is
 * reported on. Networks are run by ONNX Runtime.
 */
public final class Judge {
  /** What is measured. */
  public enum Metric {
    /** How far the accuracy on the validation part falls, as a fraction of 1. */
    ACCURACY,
    /** The mean divergence of the softmax of the answers, in nats. */
    KL,
    /** The mean square error of the answers, over the mean square of the original's. */
    MSE;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final Metric metric;
  private final int threads;
  private final Optional<DataSplit> data;
  private final Inputs inputs;
  private final List<float[]> expected = new ArrayList<>();
  private final double baseline;

  private Judge(Model original, Metric metric, Optional<DataSplit> data, Inputs inputs, int threads)
      throws IOException {
    this.metric = metric;
    this.data = data;
    this.inputs = inputs;
    this.threads = threads;
    if (metric == Metric.ACCURACY) {
      this.baseline = accuracy(original);
    } else {
      this.baseline = 0;
      forEachAnswer(original, expected::add);
    }
  }

  /** By accuracy on the labelled validation part of {@code data}. */
  public static Judge byAccuracy(Model original, DataSplit data, int threads) throws IOException {
    return new Judge(original, Metric.ACCURACY, Optional.of(data), Inputs.of(List.of()), threads);
  }

  /**
   * By how far the first outputs are apart.
   *
   * @param metric empty for KL if the original gives a vector for each sample, else MSE
   */
  public static Judge byAnswers(Model original, Optional<Metric> metric, Inputs inputs, int threads)
      throws IOException {
    boolean vectors =
        original.graph().orElseThrow().outputs().getFirst().dims().map(List::size).orElse(0) == 2;
    Metric usual = vectors ? Metric.KL : Metric.MSE;
    return new Judge(original, metric.orElse(usual), Optional.empty(), inputs, threads);
  }

  public Metric metric() {
    return metric;
  }

  /** The accuracy of the original; 0 for the other metrics. */
  public double baseline() {
    return baseline;
  }

  /** 0 for a network as good as the original; more is worse. */
  public double loss(Model pruned) throws IOException {
    if (metric == Metric.ACCURACY) {
      return baseline - accuracy(pruned);
    }
    OutputComparison.Collector collector = new OutputComparison.Collector();
    double[] squares = new double[2];
    int[] next = {0};
    forEachAnswer(
        pruned,
        answer -> {
          float[] was = expected.get(next[0]++);
          collector.add(was, answer);
          for (int i = 0; i < was.length; i++) {
            squares[0] += Math.pow((double) was[i] - answer[i], 2);
            squares[1] += Math.pow(was[i], 2);
          }
        });
    return metric == Metric.KL
        ? collector.result().klDivergence()
        : squares[1] == 0 ? squares[0] : squares[0] / squares[1];
  }

  private double accuracy(Model model) throws IOException {
    DataSplit split = data.orElseThrow();
    DataSet samples = split.validation();
    try (Engine engine = OnnxRuntimeEngine.of(model, threads)) {
      Accuracy accuracy =
          Evaluator.accuracy(engine, samples, split.preprocessing(), Progress.SILENT);
      return accuracy.value();
    }
  }

  private interface Answer {
    void take(float[] answer);
  }

  /** One answer a sample, where the output's first axis counts them; else one a batch. */
  private void forEachAnswer(Model model, Answer to) throws IOException {
    try (Engine engine = OnnxRuntimeEngine.of(model, threads)) {
      for (int i = 0; i < inputs.batches(); i++) {
        Tensor output = engine.run(inputs.batch(i)).firstEntry().getValue();
        float[] all = output.toFloats();
        int rows = output.shape().rank() > 1 ? (int) output.shape().dim(0) : 1;
        for (int r = 0; r < rows; r++) {
          to.take(Arrays.copyOfRange(all, r * all.length / rows, (r + 1) * all.length / rows));
        }
      }
    }
  }
}
