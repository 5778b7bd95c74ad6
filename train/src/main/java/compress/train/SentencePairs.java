package compress.train;

import compress.model.Tensor;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * How well a sentence encoder's similarities follow those that people gave. A sentence's embedding
 * is the mean of the network's first output over the tokens, or that output itself if it has no
 * axis of tokens; two sentences are as similar as the cosine of their embeddings.
 *
 * @see <a href="https://arxiv.org/abs/1908.10084">Reimers and Gurevych 2019</a>, sections 3 and 4
 */
public final class SentencePairs {
  /**
   * Two sentences, each as the network's inputs, a batch of one without padding.
   *
   * @param score how similar people found them
   */
  public record Pair(Map<String, Tensor> first, Map<String, Tensor> second, double score) {}

  private SentencePairs() {}

  /** The rank correlation between similarities and scores. */
  public static Spearman spearman(Engine engine, List<Pair> pairs, Progress progress)
      throws IOException {
    double[] similarities = new double[pairs.size()];
    double[] scores = new double[pairs.size()];
    try (Progress.Task task = progress.start("compare sentences", pairs.size())) {
      for (int i = 0; i < scores.length; i++) {
        Pair pair = pairs.get(i);
        similarities[i] = cosine(embedding(engine, pair.first), embedding(engine, pair.second));
        scores[i] = pair.score;
        task.advance(1);
      }
    }
    return Spearman.of(similarities, scores);
  }

  private static double[] embedding(Engine engine, Map<String, Tensor> sentence)
      throws IOException {
    Tensor output = engine.run(sentence).firstEntry().getValue();
    float[] values = output.toFloats();
    int length = (int) output.shape().dim(-1);
    double[] sum = new double[length];
    for (int i = 0; i < values.length; i++) {
      // Not divided by the number of tokens: the cosine does not care.
      sum[i % length] += values[i];
    }
    return sum;
  }

  private static double cosine(double[] a, double[] b) {
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (int i = 0; i < a.length; i++) {
      ab += a[i] * b[i];
      aa += a[i] * a[i];
      bb += b[i] * b[i];
    }
    return aa == 0 || bb == 0 ? 0 : ab / Math.sqrt(aa * bb);
  }
}
