package compress.model.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.SparseTensorProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Hand-made ONNX messages with everything in them that a reader could lose. */
final class SmallModels {
  private SmallModels() {}

  static ValueInfoProto value(String name, long... dims) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (long d : dims) {
      shape.addDim(
          d < 0
              ? TensorShapeProto.Dimension.newBuilder().setDimParam("N")
              : TensorShapeProto.Dimension.newBuilder().setDimValue(d));
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(TypeProto.Tensor.newBuilder().setElemType(1).setShape(shape)))
        .build();
  }

  static TensorProto floats(String name, long[] dims, float... values) {
    ByteBuffer raw = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float v : values) {
      raw.putFloat(v);
    }
    TensorProto.Builder t =
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(1)
            .setRawData(ByteString.copyFrom(raw.array()));
    for (long d : dims) {
      t.addDims(d);
    }
    return t.build();
  }

  static NodeProto node(String op, String output, String... inputs) {
    return NodeProto.newBuilder()
        .setName("n_" + output)
        .setOpType(op)
        .addAllInput(java.util.List.of(inputs))
        .addOutput(output)
        .build();
  }

  static ModelProto.Builder model(GraphProto.Builder graph) {
    return ModelProto.newBuilder()
        .setIrVersion(8)
        .setProducerName("SmallModels")
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(17))
        .addMetadataProps(StringStringEntryProto.newBuilder().setKey("licence").setValue("none"))
        .setGraph(graph);
  }

  /** y = Custom(If(cond, x * W1 + W2)) with strings, typed data, sparse data and remarks. */
  static ModelProto everything() {
    GraphProto branch =
        GraphProto.newBuilder()
            .setName("branch")
            .addNode(node("Mul", "b", "x", "captured"))
            .addOutput(value("b"))
            .build();
    AttributeProto then =
        AttributeProto.newBuilder()
            .setName("then_branch")
            .setType(AttributeProto.AttributeType.GRAPH)
            .setG(branch)
            .build();
    GraphProto.Builder graph =
        GraphProto.newBuilder()
            .setName("everything")
            .setDocString("a doc string")
            .addInput(value("x", -1, 2))
            .addInput(value("default", 2))
            .addOutput(value("y", -1, 2))
            .addValueInfo(value("m", -1, 2))
            .addInitializer(
                floats("w", new long[] {2, 2}, 1, 2, 3, 4).toBuilder().setDocString("remark"))
            .addInitializer(floats("default", new long[] {2}, 5, 6))
            .addInitializer(floats("captured", new long[] {2}, 7, 8))
            .addInitializer(
                TensorProto.newBuilder()
                    .setName("typed")
                    .setDataType(1)
                    .addDims(2)
                    .addFloatData(9)
                    .addFloatData(10))
            .addInitializer(
                TensorProto.newBuilder()
                    .setName("words")
                    .setDataType(8)
                    .addDims(1)
                    .addStringData(ByteString.copyFromUtf8("word")))
            .addSparseInitializer(
                SparseTensorProto.newBuilder()
                    .addDims(2)
                    .addDims(2)
                    .setValues(floats("sparse", new long[] {1}, 11))
                    .setIndices(
                        TensorProto.newBuilder()
                            .setName("")
                            .setDataType(7)
                            .addDims(1)
                            .addInt64Data(3)))
            .addNode(
                NodeProto.newBuilder()
                    .setOpType("Constant")
                    .addOutput("constant")
                    .addAttribute(
                        AttributeProto.newBuilder()
                            .setName("value")
                            .setType(AttributeProto.AttributeType.TENSOR)
                            .setT(floats("", new long[] {2}, 12, 13))))
            .addNode(node("MatMul", "m", "x", "w").toBuilder().setDocString("node remark"))
            .addNode(
                NodeProto.newBuilder()
                    .setName("if")
                    .setOpType("If")
                    .addInput("cond")
                    .addOutput("i")
                    .addAttribute(then))
            .addNode(
                node("Strange", "y", "m", "i", "typed", "sparse", "constant", "default").toBuilder()
                    .setDomain("far.away")
                    .addAttribute(
                        AttributeProto.newBuilder()
                            .setName("floats")
                            .setType(AttributeProto.AttributeType.FLOATS)
                            .addFloats(1.5f))
                    .addAttribute(
                        AttributeProto.newBuilder()
                            .setName("bytes")
                            .setType(AttributeProto.AttributeType.STRING)
                            .setS(ByteString.copyFrom(new byte[] {(byte) 0xff, 1}))));
    return model(graph)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("far.away").setVersion(3))
        .build();
  }
}
