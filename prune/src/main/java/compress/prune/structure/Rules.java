package compress.prune.structure;

import compress.model.Node;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The operators through which cuts are followed. To add one: a line here, or a new {@link Rule}.
 */
final class Rules {
  /** Operators that have a rule in common, their names with blanks between. */
  private record Family(Rule rule, String ops) {}

  private static final List<Family> ALL =
      List.of(
          new Family(
              Elementwise::link,
              """
              Abs Acos Acosh Add And Asin Asinh Atan Atanh BitShift BitwiseAnd BitwiseNot
              BitwiseOr BitwiseXor Cast Ceil Celu Clip Cos Cosh Div Dropout Elu Equal Erf Exp
              Floor Gelu Greater GreaterOrEqual HardSigmoid HardSwish Identity IsInf IsNaN
              LeakyRelu Less LessOrEqual Log Max Mean Min Mish Mod Mul Neg Not Or PRelu Pow
              Reciprocal Relu Round Selu Shrink Sigmoid Sign Sin Sinh Softplus Softsign Sqrt
              Sub Sum Swish Tan Tanh ThresholdedRelu Where Xor
              """),
          new Family(new Convolution(), "Conv"),
          new Family(Convolution::linkTransposed, "ConvTranspose"),
          new Family(Products::gemm, "Gemm"),
          new Family(Products::matMul, "MatMul"),
          new Family(Normalization::batch, "BatchNormalization"),
          new Family(Normalization::instance, "InstanceNormalization"),
          new Family(Normalization::layer, "LayerNormalization RMSNormalization"),
          new Family(
              Mixing::along,
              """
              Softmax LogSoftmax Hardmax CumSum LpNormalization TopK LRN GroupNormalization
              MeanVarianceNormalization
              """),
          new Family(
              Mixing::reduce,
              """
              ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin
              ReduceProd ReduceSum ReduceSumSquare ArgMax ArgMin
              """),
          new Family(Elementwise::scaled, "QuantizeLinear DequantizeLinear"),
          new Family(
              Pooling::link,
              """
              MaxPool AveragePool LpPool GlobalMaxPool GlobalAveragePool GlobalLpPool
              """),
          new Family(new Joining.Concat(), "Concat"),
          new Family(new Joining.Split(), "Split"),
          new Family(new Reshaping(), "Reshape Flatten Squeeze Unsqueeze"),
          new Family(Moving::transpose, "Transpose"),
          new Family(new Moving.Pad(), "Pad"),
          new Family(new Moving.Slice(), "Slice"),
          new Family(new Moving.Gather(), "Gather"),
          new Family(new Filling.Expand(), "Expand"),
          new Family(new Filling.OfShape(), "ConstantOfShape"),
          new Family(Filling::tile, "Tile"),
          new Family(Filling::resize, "Resize Upsample"),
          new Family(Filling::shape, "Shape Size"));

  private static final Map<String, Rule> BY_OP = new HashMap<>();

  static {
    for (Family family : ALL) {
      for (String op : family.ops.strip().split("\\s+", -1)) {
        BY_OP.put(op, family.rule);
      }
    }
  }

  private Rules() {}

  /** The rule for a node; empty if there is none. */
  static Optional<Rule> of(Node node) {
    return node.is(node.op()) ? Optional.ofNullable(BY_OP.get(node.op())) : Optional.empty();
  }
}
