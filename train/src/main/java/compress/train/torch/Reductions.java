package compress.train.torch;

import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Operators that take axes away. */
final class Reductions {
  private Reductions() {}

  /** Asks libtorch for the input's own type. */
  static ScalarTypeOptional sameType() {
    return new ScalarTypeOptional();
  }

  /** Reduces {@code x} over {@code axes}, of which there is at least one. */
  interface Reduction {
    Tensor apply(Tensor x, long[] axes, boolean keep);
  }

  /** Axes are an attribute in old versions, an input in new ones; none means all. */
  static Op reduce(Reduction reduction) {
    return Op.of(call -> {
      Tensor x = call.in(0);
      long[] given = call.longs(1, "axes").orElse(new long[0]);
      if (given.length == 0 && call.flag("noop_with_empty_axes", false)) {
        return identity(call, x);
      }
      long[] axes =
          given.length == 0
              ? LongStream.range(0, x.dim()).toArray()
              : Arrays.stream(given).map(a -> Call.axis(x, a)).toArray();
      boolean keep = call.flag("keepdims", true);
      return axes.length == 0
          ? identity(call, x)
          : reduction.apply(x, axes, keep).to(x.scalar_type());
    });
  }

  /** Over no axes the sum of squares is still a square, and so on. */
  private static Tensor identity(Call call, Tensor x) {
    return switch (call.node().op()) {
      case "ReduceSumSquare" -> x.mul(x);
      case "ReduceL1", "ReduceL2" -> x.abs();
      case "ReduceLogSum" -> x.log();
      default -> x;
    };
  }

  static Tensor sum(Tensor x, long[] axes, boolean keep) {
    return torch.sum(x, axes, keep, sameType());
  }

  static Tensor mean(Tensor x, long[] axes, boolean keep) {
    Tensor floats = x.is_floating_point() ? x : x.to(ScalarType.Double);
    return torch.mean(floats, axes, keep, sameType());
  }

  static Tensor max(Tensor x, long[] axes, boolean keep) {
    return x.numel() == 0 ? ofNothing(x, axes, keep, true) : torch.amax(x, axes, keep);
  }

  static Tensor min(Tensor x, long[] axes, boolean keep) {
    return x.numel() == 0 ? ofNothing(x, axes, keep, false) : torch.amin(x, axes, keep);
  }

  /** The largest of nothing is below everything, the smallest above. */
  private static Tensor ofNothing(Tensor x, long[] axes, boolean keep, boolean max) {
    Tensor sizes = torch.sum(torch.zeros_like(x), axes, keep, sameType());
    double bound = max ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
    return torch.full_like(sizes, new Scalar(bound));
  }

  static Tensor prod(Tensor x, long[] axes, boolean keep) {
    long[] descending = Arrays.stream(axes).sorted().toArray();
    Tensor product = x;
    for (int i = descending.length - 1; i >= 0; i--) {
      product = torch.prod(product, descending[i], keep, sameType());
    }
    return product;
  }

  static Tensor l1(Tensor x, long[] axes, boolean keep) {
    return sum(x.abs(), axes, keep);
  }

  static Tensor l2(Tensor x, long[] axes, boolean keep) {
    Tensor floats = x.is_floating_point() ? x : x.to(ScalarType.Double);
    return sum(floats.mul(floats), axes, keep).sqrt();
  }

  static Tensor sumSquare(Tensor x, long[] axes, boolean keep) {
    return sum(x.mul(x), axes, keep);
  }

  static Tensor logSum(Tensor x, long[] axes, boolean keep) {
    return sum(x, axes, keep).log();
  }

  static Tensor logSumExp(Tensor x, long[] axes, boolean keep) {
    Tensor floats = x.is_floating_point() ? x : x.to(ScalarType.Double);
    return torch.logsumexp(floats, axes, keep);
  }

  static Tensor argMax(Call call) {
    return arg(call, true);
  }

  static Tensor argMin(Call call) {
    return arg(call, false);
  }

  /** Of equal entries the first, or the last with {@code select_last_index}. */
  private static Tensor arg(Call call, boolean max) {
    Tensor x = call.in(0);
    int axis = call.axis("axis", 0);
    boolean keep = call.flag("keepdims", true);
    boolean last = call.flag("select_last_index", false);
    Tensor seen = last ? torch.flip(x, axis) : x;
    LongOptional along = new LongOptional(axis);
    Tensor at = max ? torch.argmax(seen, along, keep) : torch.argmin(seen, along, keep);
    return last ? at.neg().add(new Scalar(x.size(axis) - 1)) : at;
  }

  /** Sorted values and where they were; of equal values the first comes first. */
  static List<Tensor> topK(Call call) {
    Tensor x = call.in(0);
    int axis = call.axis("axis", -1);
    long k = call.has(1) ? call.longs(1)[0] : call.intAttribute("k", 1);
    boolean largest = call.flag("largest", true);
    T_TensorTensor_T sorted =
        torch.sort(x, new org.bytedeco.pytorch.BoolOptional(true), axis, largest);
    return List.of(sorted.get0().narrow(axis, 0, k), sorted.get1().narrow(axis, 0, k));
  }
}
