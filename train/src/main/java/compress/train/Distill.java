package compress.train;

import compress.model.Model;

/**
 * Learning from a teacher's soft answers beside the labels: the loss is {@code lambda T^2
 * KL(teacher / T || student / T) + (1 - lambda) CE(labels)}, softmax taken after the division by
 * {@code T}.
 *
 * @param temperature {@code T}, above 0
 * @param lambda the teacher's share, from 0 to 1
 * @see <a href="https://arxiv.org/abs/1503.02531">Hinton, Vinyals and Dean 2015</a>, section 2
 */
public record Distill(Model teacher, double temperature, double lambda) {
  public Distill {
    if (!(temperature > 0)) {
      throw new IllegalArgumentException("temperature must be above 0, not " + temperature);
    }
    if (!(lambda >= 0 && lambda <= 1)) {
      throw new IllegalArgumentException("lambda must be from 0 to 1, not " + lambda);
    }
  }
}
