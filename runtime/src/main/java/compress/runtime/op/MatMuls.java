package compress.runtime.op;

import compress.model.DType;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Products of matrices. With constant weights, {@code x W} is computed as {@code Wᵀ xᵀ}, since
 * kernels multiply rows of weights with columns of activations; the result has its features
 * outermost, which the next product wants so again. Nothing is turned in between.
 */
final class MatMuls {
  static final Map<String, Operator> ALL =
      Map.of(
          "MatMul",
          MatMuls::matMul,
          Ending.DOMAIN + ".MatMul",
          MatMuls::matMul,
          "Gemm",
          MatMuls::gemm,
          Ending.DOMAIN + ".Gemm",
          MatMuls::gemm);

  /** No input. */
  private static final int NONE = Integer.MAX_VALUE;

  private MatMuls() {}

  private static void matMul(Call call) {
    Value a = call.in(0);
    Value b = call.in(1);
    if (a.type() != b.type() || a.rank() == 0 || b.rank() == 0) {
      throw call.refuse(a + " times " + b);
    }
    Value left = a.rank() == 1 ? a.reshaped(1, a.dim(0)).orElseThrow() : a;
    Value right = b.rank() == 1 ? call.dense(b).reshaped(b.dim(0), 1).orElseThrow() : b;
    if (left.dim(-1) != right.dim(-2)) {
      throw call.refuse(a + " times " + b);
    }
    int[] shape = shape(call, left, right);
    if (a.rank() > 1 && b.rank() > 1) {
      multiply(call, left, right, shape, 2);
      return;
    }
    int[] asked =
        IntStream.range(0, shape.length)
            .filter(i -> !(i == shape.length - 2 && a.rank() == 1))
            .filter(i -> !(i == shape.length - 1 && b.rank() == 1))
            .map(i -> shape[i])
            .toArray();
    Value y = Value.of(a.type(), shape);
    Batched.plan(call, left, right, call.scratch(y));
    Value flat = y.reshaped(asked).orElseThrow();
    Ending.of(call, flat, 2, 3, -1).finishAll(call, flat);
  }

  private static int[] shape(Call call, Value a, Value b) {
    int[] outer =
        Layouts.broadcast(
            call, Arrays.copyOf(a.shape(), a.rank() - 2), Arrays.copyOf(b.shape(), b.rank() - 2));
    int[] shape = Arrays.copyOf(outer, outer.length + 2);
    shape[outer.length] = a.dim(-2);
    shape[outer.length + 1] = b.dim(-1);
    return shape;
  }

  private static void gemm(Call call) {
    Value a = turned(call.in(0), call.flag("transA", false));
    Value b = turned(call.in(1), call.flag("transB", false));
    if (a.type() != b.type() || a.rank() != 2 || b.rank() != 2 || a.dim(1) != b.dim(0)) {
      throw call.refuse(a + " times " + b);
    }
    float alpha = call.number("alpha", 1);
    float beta = call.number("beta", 1);
    int[] shape = {a.dim(0), b.dim(1)};
    boolean scaled = alpha != 1 || call.has(2) && beta != 1;
    if (!scaled) {
      multiply(call, a, b, shape, 2);
      return;
    }
    Value y = call.scratch(Value.of(a.type(), shape));
    Batched.plan(call, a, b, y);
    call.work(
        Pointwise.unary(
            call, y, y, Pointwise.loop(v -> v * alpha), v -> v * alpha, v -> (long) (v * alpha)));
    if (call.has(2)) {
      call.work(
          Pointwise.binary(
              call,
              y,
              call.in(2),
              y,
              Pointwise.loop((u, v) -> u + beta * v),
              (u, v) -> u + beta * v,
              (u, v) -> u + (long) (beta * v)));
    }
    Ending.of(call, y, NONE, 3, 1).finishAll(call, y);
  }

  private static Value turned(Value v, boolean turn) {
    return turn && v.rank() == 2 ? v.transposed(1, 0) : v;
  }

  private static void multiply(Call call, Value a, Value b, int[] shape, int biasInput) {
    boolean weights =
        a.type() == DType.F32
            && b.isKnown()
            && !a.isKnown()
            && Value.size(shape) > 0
            && a.dim(-1) > 0
            && (long) b.dim(-1) * b.dim(-2) == b.size();
    if (!weights) {
      Value y = Batched.plan(call, a, b, shape);
      Ending.of(call, y, biasInput, 3, -1).finishAll(call, y);
      return;
    }
    int k = a.dim(-1);
    int m = b.dim(-1);
    int columns = Math.toIntExact(a.size() / k);
    Value x = call.relaid(a, featuresOutermost(a.shape()));
    Value y = call.scratch(Value.of(DType.F32, shape, featuresOutermost(shape)));
    Ending ending = Ending.of(call, y, biasInput, 3, -1);
    Value source = call.in(1);
    // A Gemm may have turned them already.
    boolean outputsFirst = b.stride(-2) == 1 && b.dim(-1) > 1 && b.dim(-2) > 1;
    Product product =
        call.product(
            new Product(
                call.setting()
                    .weights(
                        source,
                        outputsFirst ? "rows" : "columns",
                        () ->
                            outputsFirst
                                ? Weights.rows(source, 0, m, k)
                                : Weights.columns(source, k, m)),
                columns,
                1));
    call.work(threads ->
        product.run(
            new compress.kernels.Matrix(x.data(), k, columns),
            new compress.kernels.Matrix(y.data(), m, columns),
            ending.epilogue(0, m, columns),
            threads.workers()));
    ending.finish(call, y);
  }

  /** Strides with the last axis outermost. */
  static long[] featuresOutermost(int... shape) {
    int last = shape.length - 1;
    return Value.ordered(
        shape, IntStream.range(0, shape.length).map(i -> i == 0 ? last : i - 1).toArray());
  }
}
