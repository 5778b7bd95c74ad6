package compress.runtime.op;

import compress.model.DType;
import java.util.Arrays;
import java.util.Map;

/** Convolutions backwards: each element of the input is spread over a window of the result. */
final class ConvTransposes {
  static final Map<String, Operator> ALL = Map.of("ConvTranspose", ConvTransposes::plan);

  private ConvTransposes() {}

  private static void plan(Call call) {
    Value x = call.dense(0);
    Value w = call.dense(1);
    int dims = x.rank() - 2;
    if (x.type() != DType.F32 || w.type() != DType.F32 || dims < 1 || w.rank() != x.rank()) {
      throw call.refuse("weights " + w + " on " + x + " are not offered");
    }
    int groups = (int) call.intAttribute("group", 1);
    int[] kernel = Arrays.copyOfRange(w.shape(), 2, w.rank());
    int[] size = Arrays.copyOfRange(x.shape(), 2, x.rank());
    int[] stride = call.ints("strides", dims, 1);
    int[] dilation = call.ints("dilations", dims, 1);
    int[] more = call.ints("output_padding", dims, 0);
    int[] before = new int[dims];
    int[] result = new int[dims];
    shapes(call, size, kernel, stride, dilation, more, before, result);
    int per = w.dim(1);
    int m = per * groups;
    int[] shape = new int[dims + 2];
    shape[0] = x.dim(0);
    shape[1] = m;
    System.arraycopy(result, 0, shape, 2, dims);
    Value y = call.scratch(Value.of(DType.F32, shape));
    int points = (int) Value.size(size);
    int results = (int) Value.size(result);
    int taps = (int) Value.size(kernel);
    int[] targets = targets(size, kernel, stride, dilation, before, result);
    int inputs = x.dim(1) / groups;
    call.work(threads ->
        threads.run(
            x.dim(0) * m,
            y.size() * taps * inputs,
            (task, worker) -> {
              int image = task / m;
              int channel = task % m;
              int group = channel / per;
              float[] out = threads.floats(worker, 0, results);
              float[] in = threads.floats(worker, 1, points);
              float[] filter = threads.floats(worker, 2, taps);
              Arrays.fill(out, 0, results, 0);
              for (int c = group * inputs; c < (group + 1) * inputs; c++) {
                long plane = (long) image * x.dim(1) + c;
                Pointwise.load(x.data(), plane * points, 1, in, points);
                long from = ((long) c * per + channel % per) * taps;
                Pointwise.load(w.data(), from, 1, filter, taps);
                for (int t = 0; t < taps; t++) {
                  for (int i = 0; i < points; i++) {
                    int to = targets[t * points + i];
                    if (to >= 0) {
                      out[to] += filter[t] * in[i];
                    }
                  }
                }
              }
              Pointwise.store(out, y.data(), (long) task * results, 1, results);
            }));
    Ending.of(call, y, 2, Integer.MAX_VALUE, 1).finishAll(call, y);
  }

  private static void shapes(
      Call call,
      int[] size,
      int[] kernel,
      int[] stride,
      int[] dilation,
      int[] more,
      int[] before,
      int[] result) {
    int dims = size.length;
    int[] pads = call.ints("pads", 2 * dims, 0);
    String auto = call.text("auto_pad", "NOTSET");
    for (int d = 0; d < dims; d++) {
      int full = stride[d] * (size[d] - 1) + more[d] + (kernel[d] - 1) * dilation[d] + 1;
      int wanted =
          call.hasAttribute("output_shape")
              ? (int) call.ints("output_shape")[call.ints("output_shape").length - dims + d]
              : auto.startsWith("SAME") ? size[d] * stride[d] : -1;
      if (wanted >= 0) {
        int total = Math.max(0, full - wanted);
        before[d] = auto.equals("SAME_UPPER") ? total / 2 : total - total / 2;
        result[d] = wanted;
      } else {
        before[d] = auto.equals("VALID") ? 0 : pads[d];
        result[d] = full - before[d] - (auto.equals("VALID") ? 0 : pads[d + dims]);
      }
      if (result[d] < 1) {
        throw call.refuse("a result of length " + result[d]);
      }
    }
  }

  /** Where each element goes for each tap of the window; -1 for the padding. */
  private static int[] targets(
      int[] size, int[] kernel, int[] stride, int[] dilation, int[] before, int[] result) {
    int points = (int) Value.size(size);
    int taps = (int) Value.size(kernel);
    int[] targets = new int[taps * points];
    for (int t = 0; t < taps; t++) {
      for (int i = 0; i < points; i++) {
        int to = 0;
        int scale = 1;
        int tap = t;
        int point = i;
        for (int d = size.length - 1; d >= 0; d--) {
          int at = point % size[d] * stride[d] + tap % kernel[d] * dilation[d] - before[d];
          to = to < 0 || at < 0 || at >= result[d] ? -1 : to + at * scale;
          scale *= result[d];
          point /= size[d];
          tap /= kernel[d];
        }
        targets[t * points + i] = to;
      }
    }
    return targets;
  }
}
