package compress.prune;

import compress.model.Mask;
import compress.model.Shape;
import java.util.BitSet;

/**
 * At most {@code n} in every run of {@code m} along the inputs: of a matrix {@code m} neighbours in
 * a row; of a convolution {@code m} neighbouring input channels at the same place of the kernel, as
 * NVIDIA's tools have it. A last run shorter than {@code m} keeps at most {@code n} of what it has,
 * so an input of fewer than {@code m} channels does too.
 *
 * <p>How sparse that is, {@code 1 - n/m}, needs no saying; a lower sparsity has no effect, and at a
 * higher one each run keeps {@code m - rint(m * sparsity)}. Equal scores keep the lower index.
 *
 * @see <a href="https://arxiv.org/abs/2104.08378">Mishra et al. 2021</a>, 2:4 sparsity
 */
public record NofM(int n, int m) implements SparsityPattern {
  public NofM {
    if (n < 1 || m < 2 || n >= m || m > 1024) {
      throw new IllegalArgumentException(
          "%d:%d keeps N of M weights; N must be from 1 to below M, and M at most 1024"
              .formatted(n, m));
    }
  }

  @Override
  public String name() {
    return n + ":" + m;
  }

  @Override
  public boolean hasOwnSparsity() {
    return true;
  }

  @Override
  public int columnsAtOnce(Shape shape) {
    return m;
  }

  @Override
  public void requireSuits(Shape shape) {
    if (shape.rank() < 2) {
      throw new IllegalArgumentException(shape + " has no inputs to count along; use unstructured");
    }
  }

  @Override
  public Mask project(float[] scores, Shape shape, double sparsity) {
    requireSuits(shape);
    int keep = (int) Math.min(n, m - SparsityPattern.removed(m, sparsity));
    BitSet kept = new BitSet();
    Best best = new Best(scores, kept);
    forEachRun(shape, (first, stride, count) -> best.keep(keep, first, stride, count));
    return Mask.of(shape, kept);
  }

  @Override
  public boolean admits(Mask mask) {
    int[] most = {0};
    forEachRun(
        mask.shape(),
        (first, stride, count) -> {
          int kept = 0;
          for (int i = 0; i < count; i++) {
            kept += mask.keeps(first + i * stride) ? 1 : 0;
          }
          most[0] = Math.max(most[0], kept);
        });
    return most[0] <= n;
  }

  private interface Run {
    void at(int first, int stride, int count);
  }

  private void forEachRun(Shape shape, Run run) {
    if (shape.size() == 0) {
      return;
    }
    int inputs = (int) shape.dim(1);
    int places = (int) (shape.size() / shape.dim(0) / inputs);
    for (int output = 0; output < shape.dim(0); output++) {
      for (int place = 0; place < places; place++) {
        for (int input = 0; input < inputs; input += m) {
          int first = (output * inputs + input) * places + place;
          run.at(first, places, Math.min(m, inputs - input));
        }
      }
    }
  }
}
