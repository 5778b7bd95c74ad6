package compress.train.torch;

import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;

/** Operators that rearrange elements, or ask for sizes. */
final class Shapes {
  private Shapes() {}

  static Tensor shape(Call call) {
    long[] sizes = Libtorch.sizes(call.in(0));
    int rank = sizes.length;
    int from = bounded(call.intAttribute("start", 0), rank);
    int to = bounded(call.intAttribute("end", rank), rank);
    return Libtorch.longs(Arrays.copyOfRange(sizes, from, Math.max(from, to)));
  }

  private static int bounded(long axis, int rank) {
    return Math.clamp(axis < 0 ? axis + rank : axis, 0, rank);
  }

  static Tensor size(Call call) {
    return Libtorch.longs(call.in(0).numel()).squeeze();
  }

  /** 0 keeps a length, unless {@code allowzero}; -1 takes what is left. */
  static Tensor reshape(Call call) {
    long[] to = call.longs(1, "shape").orElseThrow();
    if (!call.flag("allowzero", false)) {
      for (int i = 0; i < to.length; i++) {
        to[i] = to[i] == 0 ? call.in(0).size(i) : to[i];
      }
    }
    return call.in(0).reshape(to);
  }

  /** The first {@code axis} axes become one, the others another. */
  static Tensor flatten(Call call) {
    Tensor x = call.in(0);
    long rows = 1;
    for (int i = 0; i < call.axis("axis", 1); i++) {
      rows *= x.size(i);
    }
    return x.reshape(rows, rows == 0 ? 0 : x.numel() / rows);
  }

  static Tensor transpose(Call call) {
    long[] order = call.ints("perm");
    if (order.length == 0) {
      int rank = (int) call.in(0).dim();
      order = IntStream.range(0, rank).mapToLong(i -> rank - 1 - i).toArray();
    }
    return call.in(0).permute(order);
  }

  /** Without axes, all of length 1 go. */
  static Tensor squeeze(Call call) {
    return call.longs(1, "axes").map(call.in(0)::squeeze).orElseGet(call.in(0)::squeeze);
  }

  /** Axes count in the result. */
  static Tensor unsqueeze(Call call) {
    long[] axes = call.longs(1, "axes").orElseThrow();
    long rank = call.in(0).dim() + axes.length;
    Tensor y = call.in(0);
    for (long axis : Arrays.stream(axes).map(a -> a < 0 ? a + rank : a).sorted().toArray()) {
      y = y.unsqueeze(axis);
    }
    return y;
  }

  /** To the shape that both broadcast to. */
  static Tensor expand(Call call) {
    return call.in(0).expand(Arithmetic.broadcast(Libtorch.sizes(call.in(0)), call.longs(1)));
  }

  static Tensor tile(Call call) {
    return call.in(0).repeat(call.longs(1));
  }

  static Tensor depthToSpace(Call call) {
    long[] s = Libtorch.sizes(call.in(0));
    long block = call.intAttribute("blocksize", 1);
    long depth = s[1] / (block * block);
    boolean columnRowDepth = call.text("mode", "DCR").equals("CRD");
    return (columnRowDepth
            ? call.in(0).reshape(s[0], depth, block, block, s[2], s[3]).permute(0, 1, 4, 2, 5, 3)
            : call.in(0).reshape(s[0], block, block, depth, s[2], s[3]).permute(0, 3, 4, 1, 5, 2))
        .reshape(s[0], depth, s[2] * block, s[3] * block);
  }

  static Tensor spaceToDepth(Call call) {
    long[] s = Libtorch.sizes(call.in(0));
    long block = call.intAttribute("blocksize", 1);
    return call.in(0)
        .reshape(s[0], s[1], s[2] / block, block, s[3] / block, block)
        .permute(0, 3, 5, 1, 2, 4)
        .reshape(s[0], s[1] * block * block, s[2] / block, s[3] / block);
  }

  /** The axes from {@code first} on. */
  static long[] axesFrom(Tensor x, int first) {
    return LongStream.range(first, x.dim()).toArray();
  }
}
