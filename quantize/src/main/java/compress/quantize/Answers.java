package compress.quantize;

import compress.model.Model;
import compress.train.Context;
import compress.train.Evaluator;
import compress.train.OutputComparison;
import compress.train.Progress;
import compress.train.data.DataSet;
import compress.train.onnxruntime.OnnxRuntimeEngine;
import java.io.IOException;

/**
 * What a network answers to samples, by which searches judge it.
 *
 * @param scores of the first output, one array a sample
 */
record Answers(float[][] scores) {
  /** By ONNX Runtime, from a file that exists as long as it is loaded. */
  static Answers of(Model model, DataSet samples, Context context) throws IOException {
    try (OnnxRuntimeEngine engine = OnnxRuntimeEngine.of(model, context.threads())) {
      return new Answers(
          Evaluator.outputs(
              engine, samples, context.data().orElseThrow().preprocessing(), Progress.SILENT));
    }
  }

  /** The mean Kullback-Leibler divergence of the softmax of {@code got} from that of these. */
  double divergence(Answers got) {
    OutputComparison.Collector collector = new OutputComparison.Collector();
    for (int i = 0; i < scores.length; i++) {
      collector.add(scores[i], got.scores[i]);
    }
    return collector.result().klDivergence();
  }

  /** The share of samples whose label has the largest score. */
  double accuracy(DataSet samples) {
    long right = 0;
    for (int i = 0; i < scores.length; i++) {
      int answer = OutputComparison.argMax(scores[i], 0, scores[i].length);
      right += answer == samples.label(i) ? 1 : 0;
    }
    return right / (double) scores.length;
  }
}
