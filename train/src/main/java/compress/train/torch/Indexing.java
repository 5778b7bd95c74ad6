package compress.train.torch;

import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Operators that pick, join and pad. */
final class Indexing {
  private Indexing() {}

  static Tensor gather(Call call) {
    Tensor x = call.in(0);
    int axis = call.axis("axis", 0);
    long[] sizes = Libtorch.sizes(x);
    long[] chosen = Libtorch.sizes(call.in(1));
    Tensor indices = fromStart(call.in(1), sizes[axis]).reshape(-1);
    long[] result = new long[sizes.length - 1 + chosen.length];
    System.arraycopy(sizes, 0, result, 0, axis);
    System.arraycopy(chosen, 0, result, axis, chosen.length);
    System.arraycopy(sizes, axis + 1, result, axis + chosen.length, sizes.length - axis - 1);
    return torch.index_select(x, axis, indices).reshape(result);
  }

  /** Indices below 0 count from the end. */
  private static Tensor fromStart(Tensor indices, long length) {
    Tensor longs = indices.to(ScalarType.Long);
    return torch.where(longs.lt(new Scalar(0L)), longs.add(new Scalar(length)), longs);
  }

  static Tensor gatherElements(Call call) {
    int axis = call.axis("axis", 0);
    return torch.gather(call.in(0), axis, fromStart(call.in(1), call.in(0).size(axis)));
  }

  static Tensor gatherNd(Call call) {
    long[] data = Libtorch.sizes(call.in(0));
    long[] at = Libtorch.sizes(call.in(1));
    int batchAxes = (int) call.intAttribute("batch_dims", 0);
    int indexed = (int) at[at.length - 1];
    long batches = product(data, 0, batchAxes);
    long inner = product(data, batchAxes, batchAxes + indexed);
    long rest = product(data, batchAxes + indexed, data.length);
    long picks = product(at, batchAxes, at.length - 1);
    Tensor indices = call.in(1).to(ScalarType.Long).reshape(batches, picks, indexed);
    // Row numbers in the data seen as [batches * inner, rest].
    Tensor row = torch.arange(new Scalar(batches)).mul(new Scalar(inner)).reshape(batches, 1);
    for (int i = 0; i < indexed; i++) {
      long length = data[batchAxes + i];
      long stride = product(data, batchAxes + i + 1, batchAxes + indexed);
      row = row.add(fromStart(indices.select(2, i), length).mul(new Scalar(stride)));
    }
    long[] result =
        LongStream.concat(
                Arrays.stream(at, 0, at.length - 1),
                Arrays.stream(data, batchAxes + indexed, data.length))
            .toArray();
    return torch
        .index_select(
            call.in(0).reshape(batches * inner, rest), 0, row.to(ScalarType.Long).reshape(-1))
        .reshape(result);
  }

  private static long product(long[] sizes, int from, int to) {
    return Arrays.stream(sizes, from, to).reduce(1, (a, b) -> a * b);
  }

  static Tensor scatterElements(Call call) {
    Tensor x = call.in(0);
    int axis = call.axis("axis", 0);
    Tensor indices = fromStart(call.in(1), x.size(axis));
    Tensor updates = call.in(2);
    return switch (call.text("reduction", "none")) {
      case "none" -> torch.scatter(x, axis, indices, updates);
      case "add" -> torch.scatter_reduce(x, axis, indices, updates, "sum");
      case "mul" -> torch.scatter_reduce(x, axis, indices, updates, "prod");
      case "max" -> torch.scatter_reduce(x, axis, indices, updates, "amax");
      case "min" -> torch.scatter_reduce(x, axis, indices, updates, "amin");
      default -> throw call.unsupported("reduction " + call.text("reduction", ""));
    };
  }

  /** Bounds are attributes up to version 9 and inputs from version 10 on. */
  static Tensor slice(Call call) {
    Tensor y = call.in(0);
    long[] starts = call.longs(1, "starts").orElseThrow();
    long[] ends = call.longs(2, "ends").orElseThrow();
    long[] axes =
        call.longs(3, "axes").orElseGet(() -> LongStream.range(0, starts.length).toArray());
    for (int i = 0; i < starts.length; i++) {
      long step = call.has(4) ? call.longs(4)[i] : 1;
      y = slice(y, Call.axis(y, axes[i]), starts[i], ends[i], step);
    }
    return y;
  }

  private static Tensor slice(Tensor x, int axis, long start, long end, long step) {
    long length = x.size(axis);
    long from = start < 0 ? start + length : start;
    long to = end < 0 ? end + length : end;
    if (step > 0) {
      return x.slice(
          axis,
          new LongOptional(Math.clamp(from, 0, length)),
          new LongOptional(Math.clamp(to, 0, length)),
          step);
    }
    // libtorch has no negative steps.
    long first = Math.clamp(from, -1, length - 1);
    long last = Math.clamp(to, -1, length - 1);
    long[] indices =
        LongStream.iterate(first, i -> i > last, i -> i + step).filter(i -> i >= 0).toArray();
    return torch.index_select(x, axis, Libtorch.longs(indices));
  }

  static Tensor concat(Call call) {
    Tensor[] parts = call.inputs().toArray(Tensor[]::new);
    return torch.cat(new TensorVector(parts), call.axis("axis", 1));
  }

  /** Lengths are given, or else the parts are as equal as can be, the last the shortest. */
  static List<Tensor> split(Call call) {
    Tensor x = call.in(0);
    int axis = call.axis("axis", 0);
    int parts = (int) call.intAttribute("num_outputs", call.node().outputs().size());
    long[] lengths =
        call.longs(1, "split")
            .orElseGet(() -> {
              long[] equal = new long[parts];
              Arrays.fill(equal, Math.ceilDiv(x.size(axis), (long) parts));
              equal[parts - 1] = x.size(axis) - equal[0] * (parts - 1);
              return equal;
            });
    Tensor[] result = new Tensor[lengths.length];
    long from = 0;
    for (int i = 0; i < result.length; i++) {
      result[i] = x.narrow(axis, from, lengths[i]);
      from += lengths[i];
    }
    return List.of(result);
  }

  /** Pads are an attribute up to version 10 and an input from version 11 on; below 0 cuts. */
  static Tensor pad(Call call) {
    Tensor x = call.in(0);
    int rank = (int) x.dim();
    long[] pads = call.longs(1, "pads").orElseGet(() -> call.ints("paddings"));
    long[] axes = call.has(3) ? call.longs(3) : LongStream.range(0, rank).toArray();
    long[] begin = new long[rank];
    long[] end = new long[rank];
    for (int i = 0; i < axes.length; i++) {
      begin[Call.axis(x, axes[i])] = pads[i];
      end[Call.axis(x, axes[i])] = pads[axes.length + i];
    }
    String mode = call.text("mode", "constant");
    if (mode.equals("constant")) {
      double value =
          call.has(2)
              ? call.in(2).to(ScalarType.Double).item_double()
              : call.node().floatAttribute("value", 0);
      return Window.pad(x, begin, end, value);
    }
    Tensor y = x;
    for (int axis = 0; axis < rank; axis++) {
      if (begin[axis] != 0 || end[axis] != 0) {
        long length = x.size(axis);
        long[] indices =
            LongStream.range(-begin[axis], length + end[axis])
                .map(i -> source(mode, i, length))
                .toArray();
        y = torch.index_select(y, axis, Libtorch.longs(indices));
      }
    }
    return y;
  }

  /** Which element stands at position {@code i} of an axis that goes on beyond its ends. */
  private static long source(String mode, long i, long length) {
    return switch (mode) {
      case "edge" -> Math.clamp(i, 0, length - 1);
      case "wrap" -> Math.floorMod(i, length);
      case "reflect" -> {
        long there = Math.floorMod(i, Math.max(1, 2 * (length - 1)));
        yield there < length ? there : 2 * (length - 1) - there;
      }
      default -> throw new IllegalArgumentException("padding mode " + mode);
    };
  }

  static Tensor oneHot(Call call) {
    long depth = call.in(1).to(ScalarType.Long).item_long();
    Tensor values = call.in(2);
    Tensor longs = call.in(0).to(ScalarType.Long);
    Tensor indices = fromStart(longs, depth);
    long rank = indices.dim() + 1;
    long axis = call.intAttribute("axis", -1);
    long[] along = new long[(int) rank];
    Arrays.fill(along, 1);
    along[(int) (axis < 0 ? axis + rank : axis)] = depth;
    Tensor hot =
        indices
            .unsqueeze(axis)
            .eq(torch.arange(new Scalar(depth)).to(ScalarType.Long).reshape(along));
    return torch.where(hot, values.select(0, 1), values.select(0, 0));
  }

  static Tensor nonZero(Call call) {
    return torch.nonzero(call.in(0)).t().contiguous();
  }

  static Tensor trilu(Call call) {
    long diagonal = call.has(1) ? call.longs(1)[0] : 0;
    return call.flag("upper", true)
        ? torch.triu(call.in(0), diagonal)
        : torch.tril(call.in(0), diagonal);
  }
}
