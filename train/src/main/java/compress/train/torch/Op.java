package compress.train.torch;

import java.util.List;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;

/** What one operator of ONNX computes. */
@FunctionalInterface
interface Op {
  /** The outputs in the operator's order; more than a node asks for is no harm. */
  List<Tensor> run(Call call);

  /** An operator with one output. */
  static Op of(Function<Call, Tensor> function) {
    return call -> List.of(function.apply(call));
  }

  /** An operator with one input and one output, and nothing to set. */
  static Op unary(Function<Tensor, Tensor> function) {
    return call -> List.of(function.apply(call.in(0)));
  }
}
