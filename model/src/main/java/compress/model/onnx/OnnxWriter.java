package compress.model.onnx;

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
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import compress.model.AtomicFile;
import compress.model.Attribute;
import compress.model.Graph;
import compress.model.Model;
import compress.model.Node;
import compress.model.Tensor;
import compress.model.ValueInfo;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Writes ONNX files that ONNX Runtime runs as they are. A model whose tensors would not fit the 2
 * GiB of a protobuf message has them in a second file, {@code NAME.onnx.data}, which is written
 * first.
 */
public final class OnnxWriter {
  /** Initializers that are not inputs exist from this version of the format on. */
  private static final long INITIALIZERS_ALONE = 4;

  private static final long LARGEST_MESSAGE = Integer.MAX_VALUE - (64L << 20);

  /** Where external tensors start: at a multiple of what systems map. */
  private static final long PAGE = 4096;

  private static final int WRITE_AT_ONCE = 1 << 24;

  private OnnxWriter() {}

  /**
   * @throws IllegalArgumentException if the model has no graph, or its operator set cannot say what
   *     a param holds
   */
  public static void write(Model model, Path file) throws IOException {
    write(model, file, LARGEST_MESSAGE);
  }

  /** As {@link #write(Model, Path)}, with the size in bytes above which tensors go outside. */
  static void write(Model model, Path file, long largestMessage) throws IOException {
    Graph graph =
        model
            .graph()
            .orElseThrow(() ->
                new IllegalArgumentException(
                    file
                        + ": an ONNX file needs a graph, and this model has none;"
                        + " write .safetensors"));
    Lowering lowering = new Lowering(model);
    Map<String, Tensor> tensors = new HashMap<>(lowering.initializers());
    GraphProto.Builder proto = graph(graph, lowering);
    long bytes = tensors.values().stream().mapToLong(t -> t.data().byteSize()).sum();
    if (bytes <= largestMessage) {
      lowering.initializers().forEach((n, t) -> addInitializer(proto, n, TensorProtos.write(n, t)));
      writeMessage(message(model, proto), file);
      return;
    }
    Path data = file.resolveSibling(file.getFileName() + ".data");
    try (AtomicFile out = AtomicFile.create(data)) {
      for (Map.Entry<String, Tensor> e : lowering.initializers().entrySet()) {
        addInitializer(proto, e.getKey(), external(e.getKey(), e.getValue(), data, out.channel()));
      }
      out.commit();
    }
    writeMessage(message(model, proto), file);
  }

  /**
   * The bytes of the file that {@link #write} would make of a model that fits one message.
   *
   * @throws IllegalArgumentException if the model has no graph, or its operator set cannot say what
   *     a param holds
   */
  public static byte[] bytes(Model model) {
    Graph graph =
        model.graph().orElseThrow(() -> new IllegalArgumentException("a model without a graph"));
    try {
      Lowering lowering = new Lowering(model);
      GraphProto.Builder proto = graph(graph, lowering);
      lowering.initializers().forEach((n, t) -> addInitializer(proto, n, TensorProtos.write(n, t)));
      return message(model, proto).toByteArray();
    } catch (IOException e) {
      throw new IllegalArgumentException("what the model carries is no message", e);
    }
  }

  private static void writeMessage(ModelProto proto, Path file) throws IOException {
    try (AtomicFile out = AtomicFile.create(file)) {
      OutputStream stream = Channels.newOutputStream(out.channel());
      CodedOutputStream coded = CodedOutputStream.newInstance(stream, 1 << 16);
      proto.writeTo(coded);
      coded.flush();
      out.commit();
    }
  }

  private static TensorProto external(String name, Tensor tensor, Path data, FileChannel out)
      throws IOException {
    long offset = Math.ceilDiv(out.position(), PAGE) * PAGE;
    out.position(offset);
    for (long from = 0; from < tensor.data().byteSize(); from += WRITE_AT_ONCE) {
      long length = Math.min(WRITE_AT_ONCE, tensor.data().byteSize() - from);
      ByteBuffer chunk =
          ByteBuffer.wrap(tensor.data().asSlice(from, length).toArray(ValueLayout.JAVA_BYTE));
      while (chunk.hasRemaining()) {
        out.write(chunk);
      }
    }
    return TensorProtos.describe(name, tensor)
        .setDataLocation(TensorProto.DataLocation.EXTERNAL)
        .addExternalData(entry("location", data.getFileName().toString()))
        .addExternalData(entry("offset", Long.toString(offset)))
        .addExternalData(entry("length", Long.toString(tensor.data().byteSize())))
        .build();
  }

  private static StringStringEntryProto entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }

  /** Everything but the initializers that are params. */
  private static GraphProto.Builder graph(Graph graph, Lowering lowering) throws IOException {
    GraphProto.Builder proto = GraphProto.parseFrom(graph.carried()).toBuilder();
    List<ValueInfoProto> overridable = List.copyOf(proto.getInputList());
    proto.setName(graph.name()).clearInput();
    for (ValueInfo v : graph.inputs()) {
      proto.addInput(valueInfo(v));
    }
    overridable.stream()
        .filter(v -> lowering.initializers().containsKey(v.getName()))
        .forEach(proto::addInput);
    for (ValueInfo v : graph.outputs()) {
      proto.addOutput(valueInfo(v));
    }
    for (Node n : lowering.unfolding()) {
      proto.addNode(node(n));
    }
    for (Node n : graph.nodes()) {
      proto.addNode(node(n));
    }
    keepSparse(proto, lowering);
    return proto;
  }

  /** The message as the file had it, or a new one for a value that no file has had yet. */
  private static ValueInfoProto valueInfo(ValueInfo value) throws InvalidProtocolBufferException {
    if (value.carried().length > 0) {
      return ValueInfoProto.parseFrom(value.carried());
    }
    if (value.type().isEmpty()) {
      // A type without element type would contradict what a reader infers.
      return ValueInfoProto.newBuilder().setName(value.name()).build();
    }
    TypeProto.Tensor.Builder type = TypeProto.Tensor.newBuilder();
    value.type().ifPresent(t -> type.setElemType(t.onnxCode()));
    value
        .dims()
        .ifPresent(dims -> {
          TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
          for (OptionalLong d : dims) {
            TensorShapeProto.Dimension.Builder dim = TensorShapeProto.Dimension.newBuilder();
            shape.addDim(d.isPresent() ? dim.setDimValue(d.getAsLong()) : dim.setDimParam("N"));
          }
          type.setShape(shape);
        });
    return ValueInfoProto.newBuilder()
        .setName(value.name())
        .setType(TypeProto.newBuilder().setTensorType(type))
        .build();
  }

  /** A sparse initializer stays one as long as its param is what it unfolds to. */
  private static void keepSparse(GraphProto.Builder proto, Lowering lowering) throws IOException {
    List<SparseTensorProto> sparse = List.copyOf(proto.getSparseInitializerList());
    proto.clearSparseInitializer();
    for (SparseTensorProto s : sparse) {
      String name = s.getValues().getName();
      Path nowhere = Path.of(name);
      Tensor unfolded = SparseTensors.unfold(nowhere, s, ModelBytes.none(nowhere));
      Tensor now = lowering.initializers().get(name);
      if (now != null && now.sameAs(unfolded)) {
        proto.addSparseInitializer(s);
        lowering.initializers().remove(name);
      }
    }
  }

  /** Adds {@code tensor}, with what the file said of it beyond its values. */
  private static void addInitializer(GraphProto.Builder proto, String name, TensorProto tensor) {
    for (int i = 0; i < proto.getInitializerCount(); i++) {
      TensorProto carried = proto.getInitializer(i);
      // Carried tensors have no type once their values are a param's.
      if (carried.getDataType() == 0 && carried.getName().equals(name)) {
        proto.setInitializer(i, carried.toBuilder().mergeFrom(tensor).build());
        return;
      }
    }
    proto.addInitializer(tensor);
  }

  private static ModelProto message(Model model, GraphProto.Builder graph)
      throws InvalidProtocolBufferException {
    ModelProto.Builder proto = ModelProto.parseFrom(model.carried()).toBuilder();
    dropRemarks(graph);
    model
        .opsets()
        .forEach((domain, version) -> {
          OperatorSetIdProto.Builder opset = OperatorSetIdProto.newBuilder().setVersion(version);
          proto.addOpsetImport(domain.isEmpty() ? opset : opset.setDomain(domain));
        });
    model.metadata().forEach((key, value) -> proto.addMetadataProps(entry(key, value)));
    return proto
        .setIrVersion(
            Math.max(
                Math.max(INITIALIZERS_ALONE, Opsets.irVersion(model.opset())),
                proto.getIrVersion()))
        .setGraph(graph)
        .build();
  }

  /** Removes remarks on tensors that no longer exist under their names. */
  private static void dropRemarks(GraphProto.Builder graph) {
    List<TensorProto> kept =
        graph.getInitializerList().stream().filter(t -> t.getDataType() != 0).toList();
    graph.clearInitializer().addAllInitializer(kept);
  }

  private static NodeProto node(Node node) throws InvalidProtocolBufferException {
    NodeProto.Builder proto =
        NodeProto.parseFrom(node.carried()).toBuilder()
            .setName(node.name())
            .setOpType(node.op())
            .addAllInput(node.inputs())
            .addAllOutput(node.outputs());
    if (!node.domain().isEmpty()) {
      proto.setDomain(node.domain());
    }
    for (Map.Entry<String, Attribute> a : node.attributes().entrySet()) {
      proto.addAttribute(Attributes.write(a.getKey(), a.getValue()));
    }
    return proto.build();
  }
}
