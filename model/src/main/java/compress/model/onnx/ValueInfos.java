package compress.model.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.InvalidProtocolBufferException;
import compress.model.Graph;
import compress.model.Shape;
import java.util.Map;

/** What an ONNX file says of the shapes of its values, inputs and outputs of the graph apart. */
public final class ValueInfos {
  private ValueInfos() {}

  /**
   * The same graph with each length that changed brought up to date. Remarks on values that exist
   * no longer are dropped.
   *
   * @param before by value and param
   * @param after the same, without those that are gone
   */
  public static Graph reshaped(Graph graph, Map<String, Shape> before, Map<String, Shape> after) {
    GraphProto.Builder proto;
    try {
      proto = GraphProto.parseFrom(graph.carried()).toBuilder();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("what the graph carries is damaged", e);
    }
    for (int i = proto.getValueInfoCount() - 1; i >= 0; i--) {
      ValueInfoProto info = proto.getValueInfo(i);
      if (before.containsKey(info.getName()) && !after.containsKey(info.getName())) {
        proto.removeValueInfo(i);
      } else {
        proto.setValueInfo(i, reshaped(info, before, after));
      }
    }
    for (int i = 0; i < proto.getInputCount(); i++) {
      proto.setInput(i, reshaped(proto.getInput(i), before, after));
    }
    byte[] carried = proto.build().toByteArray();
    return new Graph(graph.name(), graph.nodes(), graph.inputs(), graph.outputs(), carried);
  }

  private static ValueInfoProto reshaped(
      ValueInfoProto info, Map<String, Shape> before, Map<String, Shape> after) {
    Shape was = before.get(info.getName());
    Shape is = after.get(info.getName());
    if (was == null || is == null || was.equals(is) || !info.getType().hasTensorType()) {
      return info;
    }
    ValueInfoProto.Builder changed = info.toBuilder();
    TensorShapeProto.Builder dims =
        changed.getTypeBuilder().getTensorTypeBuilder().getShapeBuilder();
    for (int a = 0; a < Math.min(dims.getDimCount(), is.rank()); a++) {
      if (was.dim(a) != is.dim(a)) {
        dims.setDim(a, TensorShapeProto.Dimension.newBuilder().setDimValue(is.dim(a)));
      }
    }
    return changed.build();
  }
}
