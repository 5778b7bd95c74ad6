package compress.train.torch;

import static java.util.Map.entry;

import compress.model.Attribute;
import compress.model.DType;
import compress.model.FakeQuantization;
import compress.model.Node;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The operators of ONNX that can be run and trained, by name. To add one: its function in the file
 * where its kind is, and a line here.
 */
final class Ops {
  private static final Map<String, Op> ALL =
      Map.<String, Op>ofEntries(
          // Products
          entry("Conv", Op.of(Convolutions::conv)),
          entry("ConvTranspose", Op.of(Convolutions::convTranspose)),
          entry("Gemm", Op.of(Products::gemm)),
          entry("MatMul", Op.of(Products::matMul)),
          entry("Einsum", Op.of(Products::einsum)),
          entry("LSTM", Recurrent::lstm),
          entry("GRU", Recurrent::gru),
          entry("RNN", Recurrent::rnn),
          // Normalizations
          entry("BatchNormalization", Normalizations::batch),
          entry("InstanceNormalization", Op.of(Normalizations::instance)),
          entry("LayerNormalization", Normalizations::layer),
          entry("GroupNormalization", Op.of(Normalizations::group)),
          entry("RMSNormalization", Op.of(Normalizations::rms)),
          entry("MeanVarianceNormalization", Op.of(Normalizations::meanVariance)),
          entry("LRN", Op.of(Normalizations::localResponse)),
          // Pools
          entry("MaxPool", Op.of(Pools::max)),
          entry("AveragePool", Op.of(Pools::average)),
          entry("LpPool", Op.of(Pools::lp)),
          entry("GlobalAveragePool", Op.of(Pools::globalAverage)),
          entry("GlobalMaxPool", Op.of(Pools::globalMax)),
          entry("GlobalLpPool", Op.of(Pools::globalLp)),
          // Activations
          entry("Relu", Op.unary(Tensor::relu)),
          entry("LeakyRelu", Op.of(Activations::leakyRelu)),
          entry("PRelu", Op.of(Activations::pRelu)),
          entry("Elu", Op.of(Activations::elu)),
          entry("Celu", Op.of(Activations::celu)),
          entry("Selu", Op.of(Activations::selu)),
          entry("Sigmoid", Op.unary(Tensor::sigmoid)),
          entry("HardSigmoid", Op.of(Activations::hardSigmoid)),
          entry("HardSwish", Op.of(Activations::hardSwish)),
          entry("Swish", Op.of(Activations::swish)),
          entry("Tanh", Op.unary(Tensor::tanh)),
          entry("Softplus", Op.of(Activations::softplus)),
          entry("Softsign", Op.of(Activations::softsign)),
          entry("Gelu", Op.of(Activations::gelu)),
          entry("Mish", Op.of(Activations::mish)),
          entry("ThresholdedRelu", Op.of(Activations::thresholdedRelu)),
          entry("Shrink", Op.of(Activations::shrink)),
          entry("Clip", Op.of(Activations::clip)),
          entry("Softmax", Op.of(Activations::softmax)),
          entry("LogSoftmax", Op.of(Activations::logSoftmax)),
          entry("Hardmax", Op.of(Activations::hardmax)),
          entry("Dropout", Activations::dropout),
          // Elementwise, one input
          entry("Abs", Op.unary(Tensor::abs)),
          entry("Neg", Op.unary(Tensor::neg)),
          entry("Sqrt", Op.unary(Tensor::sqrt)),
          entry("Exp", Op.unary(Tensor::exp)),
          entry("Log", Op.unary(Tensor::log)),
          entry("Reciprocal", Op.unary(Tensor::reciprocal)),
          entry("Erf", Op.unary(Tensor::erf)),
          entry("Floor", Op.unary(Tensor::floor)),
          entry("Ceil", Op.unary(Tensor::ceil)),
          entry("Round", Op.unary(Tensor::round)),
          entry("Sign", Op.unary(Tensor::sign)),
          entry("Sin", Op.unary(Tensor::sin)),
          entry("Cos", Op.unary(Tensor::cos)),
          entry("Tan", Op.unary(Tensor::tan)),
          entry("Asin", Op.unary(Tensor::asin)),
          entry("Acos", Op.unary(Tensor::acos)),
          entry("Atan", Op.unary(Tensor::atan)),
          entry("Sinh", Op.unary(Tensor::sinh)),
          entry("Cosh", Op.unary(Tensor::cosh)),
          entry("Asinh", Op.unary(Tensor::asinh)),
          entry("Acosh", Op.unary(Tensor::acosh)),
          entry("Atanh", Op.unary(Tensor::atanh)),
          entry("Det", Op.unary(Tensor::det)),
          entry("Not", Op.unary(Tensor::logical_not)),
          entry("BitwiseNot", Op.unary(Tensor::bitwise_not)),
          entry("IsNaN", Op.unary(Tensor::isnan)),
          entry("IsInf", Op.of(Arithmetic::isInf)),
          entry("Identity", Op.unary(x -> x)),
          // Elementwise, several inputs
          entry("Add", Arithmetic.binary(Tensor::add)),
          entry("Sub", Arithmetic.binary(Tensor::sub)),
          entry("Mul", Arithmetic.binary(Tensor::mul)),
          entry("Div", Op.of(Arithmetic::div)),
          entry("Mod", Op.of(Arithmetic::mod)),
          entry("Pow", Op.of(Arithmetic::pow)),
          entry("Sum", Arithmetic.variadic(Tensor::add)),
          entry("Max", Arithmetic.variadic(torch::maximum)),
          entry("Min", Arithmetic.variadic(torch::minimum)),
          entry("Mean", Op.of(Arithmetic::mean)),
          entry("Where", Op.of(Arithmetic::where)),
          entry("Equal", Arithmetic.binary(Tensor::eq)),
          entry("Less", Arithmetic.binary(Tensor::lt)),
          entry("LessOrEqual", Arithmetic.binary(Tensor::le)),
          entry("Greater", Arithmetic.binary(Tensor::gt)),
          entry("GreaterOrEqual", Arithmetic.binary(Tensor::ge)),
          entry("And", Arithmetic.binary(torch::logical_and)),
          entry("Or", Arithmetic.binary(torch::logical_or)),
          entry("Xor", Arithmetic.binary(torch::logical_xor)),
          entry("BitwiseAnd", Arithmetic.binary(torch::bitwise_and)),
          entry("BitwiseOr", Arithmetic.binary(torch::bitwise_or)),
          entry("BitwiseXor", Arithmetic.binary(torch::bitwise_xor)),
          entry("BitShift", Op.of(Arithmetic::bitShift)),
          entry("CumSum", Op.of(Arithmetic::cumSum)),
          // Reductions
          entry("ReduceSum", Reductions.reduce(Reductions::sum)),
          entry("ReduceMean", Reductions.reduce(Reductions::mean)),
          entry("ReduceMax", Reductions.reduce(Reductions::max)),
          entry("ReduceMin", Reductions.reduce(Reductions::min)),
          entry("ReduceProd", Reductions.reduce(Reductions::prod)),
          entry("ReduceL1", Reductions.reduce(Reductions::l1)),
          entry("ReduceL2", Reductions.reduce(Reductions::l2)),
          entry("ReduceSumSquare", Reductions.reduce(Reductions::sumSquare)),
          entry("ReduceLogSum", Reductions.reduce(Reductions::logSum)),
          entry("ReduceLogSumExp", Reductions.reduce(Reductions::logSumExp)),
          entry("ArgMax", Op.of(Reductions::argMax)),
          entry("ArgMin", Op.of(Reductions::argMin)),
          entry("TopK", Reductions::topK),
          // Shapes
          entry("Shape", Op.of(Shapes::shape)),
          entry("Size", Op.of(Shapes::size)),
          entry("Reshape", Op.of(Shapes::reshape)),
          entry("Flatten", Op.of(Shapes::flatten)),
          entry("Transpose", Op.of(Shapes::transpose)),
          entry("Squeeze", Op.of(Shapes::squeeze)),
          entry("Unsqueeze", Op.of(Shapes::unsqueeze)),
          entry("Expand", Op.of(Shapes::expand)),
          entry("Tile", Op.of(Shapes::tile)),
          entry("DepthToSpace", Op.of(Shapes::depthToSpace)),
          entry("SpaceToDepth", Op.of(Shapes::spaceToDepth)),
          // Indexing
          entry("Gather", Op.of(Indexing::gather)),
          entry("GatherElements", Op.of(Indexing::gatherElements)),
          entry("GatherND", Op.of(Indexing::gatherNd)),
          entry("ScatterElements", Op.of(Indexing::scatterElements)),
          entry("Slice", Op.of(Indexing::slice)),
          entry("Concat", Op.of(Indexing::concat)),
          entry("Split", Indexing::split),
          entry("Pad", Op.of(Indexing::pad)),
          entry("OneHot", Op.of(Indexing::oneHot)),
          entry("NonZero", Op.of(Indexing::nonZero)),
          entry("Trilu", Op.of(Indexing::trilu)),
          // Only in training
          entry(FakeQuantization.OP, Op.of(FakeQuantize::run)),
          entry(FakeQuantization.SIGNS, Op.of(FakeSigns::run)),
          // Constants and types
          entry("Constant", Op.of(Constants::constant)),
          entry("ConstantOfShape", Op.of(Constants::ofShape)),
          entry("Range", Op.of(Constants::range)),
          entry("EyeLike", Op.of(Constants::eyeLike)),
          entry("Cast", Op.of(Constants::cast)),
          entry("CastLike", Op.of(Constants::castLike)));

  private Ops() {}

  /** The function for a node. */
  static Op of(Node node) {
    Op op = ALL.get(node.op());
    if (op == null || objection(node).isPresent()) {
      throw new IllegalArgumentException(node.label() + ": " + objection(node).orElse(""));
    }
    return op;
  }

  /** Why a node cannot be run; empty if it can. */
  static Optional<String> objection(Node node) {
    if (FakeQuantization.is(node)) {
      return Optional.empty();
    }
    if (!node.domain().isEmpty() && !node.domain().equals("ai.onnx")) {
      return Optional.of("operators of '" + node.domain() + "' cannot be run by torch");
    }
    if (!ALL.containsKey(node.op()) || FakeQuantization.OPS.contains(node.op())) {
      return Optional.of("operator '" + node.op() + "' cannot be run by torch");
    }
    return switch (node.op()) {
      case "MaxPool" -> unless(!wants(node, 1), "its output 'Indices' is not offered");
      case "Dropout" -> unless(node.input(2).isEmpty(), "dropping while running is not offered");
      case "Cast" -> dtype(node.intAttribute("to", 0));
      case "EyeLike" -> dtype(node.intAttribute("dtype", 1));
      case "Constant" ->
          unless(
              node.attributes().values().stream().noneMatch(Ops::isExotic),
              "constants of this type cannot be computed with");
      case "LSTM", "GRU", "RNN" -> recurrent(node);
      case "Add", "Sub", "Mul", "Div", "Pow", "Equal", "Less", "Greater", "And", "Or", "Xor" ->
          unless(
              node.intAttribute("broadcast", 0) == 0,
              "broadcasting of operator sets before 7 is not offered; convert the model");
      default -> Optional.empty();
    };
  }

  private static boolean wants(Node node, int output) {
    return node.outputs().size() > output && !node.outputs().get(output).isEmpty();
  }

  private static Optional<String> unless(boolean fine, String otherwise) {
    return fine ? Optional.empty() : Optional.of(otherwise);
  }

  private static Optional<String> dtype(long onnxCode) {
    Optional<DType> type = DType.ofOnnx((int) onnxCode);
    return unless(
        type.flatMap(Libtorch::type).isPresent(),
        "type " + type.map(DType::name).orElse("number " + onnxCode) + " is not offered");
  }

  private static boolean isExotic(Attribute value) {
    return switch (value) {
      case Attribute.TensorValue t -> Libtorch.type(t.value().type()).isEmpty();
      case Attribute.Text t -> true;
      case Attribute.Texts t -> true;
      case Attribute.Carried c -> true;
      case Attribute.IntValue i -> false;
      case Attribute.FloatValue f -> false;
      case Attribute.Ints i -> false;
      case Attribute.Floats f -> false;
    };
  }

  private static Optional<String> recurrent(Node node) {
    if (!node.input(4).isEmpty()) {
      return Optional.of("sequences of different lengths are not offered");
    }
    for (String attribute : List.of("activations", "clip", "input_forget")) {
      if (node.attributes().containsKey(attribute)) {
        return Optional.of("attribute '" + attribute + "' is not offered");
      }
    }
    return Optional.empty();
  }
}
