package compress.model.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.SparseTensorProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.InvalidProtocolBufferException;
import compress.model.Attribute;
import compress.model.DType;
import compress.model.FormatException;
import compress.model.Graph;
import compress.model.Model;
import compress.model.Node;
import compress.model.Param;
import compress.model.Shape;
import compress.model.Tensor;
import compress.model.ValueInfo;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.Set;

/**
 * Reads ONNX files. Tensors with raw data are views of the file. Initializers and {@code Constant}
 * nodes become params, sparse initializers too (unfolded); those of a type that only travels along
 * (strings) stay in the carried message. Sub-graphs of control-flow nodes travel as they are.
 *
 * @see <a href="https://github.com/onnx/onnx/blob/main/docs/IR.md">ONNX IR</a>
 */
public final class OnnxReader {
  private final Path file;
  private final ModelBytes bytes;
  private final SequencedMap<String, Param> params = new LinkedHashMap<>();
  // Initializers that are inputs too, in files where a caller may override them.
  private final List<ValueInfoProto> overridable = new ArrayList<>();
  // Names that sub-graphs read from outside.
  private final Set<String> captured = new HashSet<>();

  private OnnxReader(Path file, ModelBytes bytes) {
    this.file = file;
    this.bytes = bytes;
  }

  /** Reads {@code bytes}, the whole of {@code file}. */
  public static Model read(Path file, MemorySegment bytes) throws IOException {
    return new OnnxReader(file, ModelBytes.of(file, bytes)).model(parse(file, bytes));
  }

  /** Reads a file that holds one {@code TensorProto}, as ONNX's own test data does. */
  public static Tensor readTensor(Path file, byte[] bytes) throws IOException {
    try {
      TensorProto proto = TensorProto.parseFrom(bytes);
      DType type =
          TensorProtos.type(proto)
              .orElseThrow(
                  () -> new FormatException(file, 0, "tensor of ONNX type " + proto.getDataType()));
      return TensorProtos.read(proto, type, ModelBytes.none(file));
    } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
      throw new FormatException(file, 0, "not an ONNX tensor: " + e.getMessage(), e);
    }
  }

  /**
   * The graph that a control-flow node has as an attribute, as a model of its own. Its nodes may
   * read names that only the graph around it defines.
   *
   * @param opsets of the model around it
   * @throws FormatException if the attribute holds no graph
   */
  public static Model subgraph(Path file, Attribute.Carried attribute, Map<String, Long> opsets)
      throws IOException {
    try {
      AttributeProto proto = AttributeProto.parseFrom(attribute.message());
      if (!proto.hasG()) {
        throw new FormatException(
            file,
            FormatException.NOWHERE,
            "attribute '" + proto.getName() + "' of type " + proto.getType() + " is no graph");
      }
      OnnxReader reader = new OnnxReader(file, ModelBytes.none(file));
      Graph graph = reader.graph(proto.getG(), Long.MAX_VALUE);
      return new Model(Optional.of(graph), reader.params, opsets, Map.of(), new byte[0]);
    } catch (InvalidProtocolBufferException e) {
      throw new FormatException(file, FormatException.NOWHERE, "a damaged sub-graph", e);
    }
  }

  private static ModelProto parse(Path file, MemorySegment bytes) throws IOException {
    ModelProto proto;
    try {
      proto =
          ModelProto.parseFrom(
              Skeleton.of(new WireReader(file, bytes, 0, bytes.byteSize()), bytes));
    } catch (InvalidProtocolBufferException e) {
      throw new FormatException(
          file, FormatException.NOWHERE, "not ONNX, or damaged: " + firstSentence(e), e);
    }
    if (!proto.hasGraph() || proto.getOpsetImportCount() == 0) {
      throw new FormatException(
          file, 0, "not an ONNX model: it has no graph or names no operator set");
    }
    return proto;
  }

  private static String firstSentence(Exception e) {
    String message = String.valueOf(e.getMessage());
    int end = message.indexOf(". ");
    return end < 0 ? message : message.substring(0, end);
  }

  private Model model(ModelProto proto) throws IOException {
    Map<String, Long> opsets = new LinkedHashMap<>();
    proto.getOpsetImportList().forEach(o -> opsets.put(o.getDomain(), o.getVersion()));
    Map<String, String> metadata = new LinkedHashMap<>();
    proto.getMetadataPropsList().forEach(p -> metadata.put(p.getKey(), p.getValue()));
    Graph graph = graph(proto.getGraph(), proto.getIrVersion());
    byte[] carried =
        proto.toBuilder()
            .clearGraph()
            .clearOpsetImport()
            .clearMetadataProps()
            .build()
            .toByteArray();
    Set<String> fixed = new HashSet<>(captured);
    overridable.forEach(v -> fixed.add(v.getName()));
    graph.outputs().forEach(o -> fixed.add(o.name()));
    return new Lifting(file, params, fixed)
        .lift(new Model(Optional.of(graph), params, opsets, metadata, carried));
  }

  private Graph graph(GraphProto proto, long irVersion) throws IOException {
    GraphProto.Builder carried =
        proto.toBuilder().clearName().clearNode().clearInitializer().clearInput().clearOutput();
    for (TensorProto t : proto.getInitializerList()) {
      initializer(t, carried);
    }
    for (SparseTensorProto s : proto.getSparseInitializerList()) {
      addParam(s.getValues().getName(), SparseTensors.unfold(file, s, bytes));
    }
    List<ValueInfo> inputs = new ArrayList<>();
    for (ValueInfoProto v : proto.getInputList()) {
      if (!params.containsKey(v.getName())) {
        inputs.add(valueInfo(v));
      } else if (irVersion >= 4) {
        // Before version 4 every initializer had to be an input; since then it is a default.
        overridable.add(v);
        carried.addInput(v);
      }
    }
    List<Node> nodes = new ArrayList<>();
    for (NodeProto n : proto.getNodeList()) {
      Node node = node(n);
      Optional<Tensor> constant = constant(node);
      if (constant.isPresent()) {
        addParam(node.outputs().getFirst(), constant.get());
      } else {
        nodes.add(node);
      }
    }
    return new Graph(
        proto.getName(),
        nodes,
        inputs,
        proto.getOutputList().stream().map(OnnxReader::valueInfo).toList(),
        carried.build().toByteArray());
  }

  private void initializer(TensorProto proto, GraphProto.Builder carried) throws IOException {
    Optional<DType> type = TensorProtos.type(proto);
    if (type.isEmpty()) {
      carried.addInitializer(Skeleton.whole(proto, bytes.file()));
      return;
    }
    addParam(proto.getName(), tensor(proto.getName(), proto, type.get()));
    TensorProto remarks = remarks(proto);
    if (!remarks.equals(TensorProto.newBuilder().setName(proto.getName()).build())) {
      carried.addInitializer(remarks);
    }
  }

  /** What the message says beyond the tensor itself. */
  private static TensorProto remarks(TensorProto proto) {
    return Skeleton.clean(proto)
        .clearDims()
        .clearDataType()
        .clearRawData()
        .clearFloatData()
        .clearInt32Data()
        .clearInt64Data()
        .clearDoubleData()
        .clearUint64Data()
        .clearExternalData()
        .clearDataLocation()
        .build();
  }

  private Tensor tensor(String name, TensorProto proto, DType type) throws IOException {
    try {
      return TensorProtos.read(proto, type, bytes);
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new FormatException(
          file, FormatException.NOWHERE, "tensor '" + name + "': " + e.getMessage(), e);
    }
  }

  private void addParam(String name, Tensor tensor) throws FormatException {
    if (params.put(name, Param.of(name, tensor)) != null) {
      throw new FormatException(
          file, FormatException.NOWHERE, "two tensors are called '" + name + "'");
    }
  }

  private Node node(NodeProto proto) throws IOException {
    Map<String, Attribute> attributes = new LinkedHashMap<>();
    for (AttributeProto a : proto.getAttributeList()) {
      try {
        attributes.put(a.getName(), Attributes.read(a, bytes));
      } catch (IllegalArgumentException | ArithmeticException e) {
        throw new FormatException(
            file,
            FormatException.NOWHERE,
            "attribute '%s' of node '%s': %s"
                .formatted(a.getName(), proto.getName(), e.getMessage()),
            e);
      }
      capture(a);
    }
    byte[] carried =
        proto.toBuilder()
            .clearName()
            .clearOpType()
            .clearDomain()
            .clearInput()
            .clearOutput()
            .clearAttribute()
            .build()
            .toByteArray();
    return new Node(
        proto.getName(),
        proto.getOpType(),
        proto.getDomain(),
        List.copyOf(proto.getInputList()),
        List.copyOf(proto.getOutputList()),
        attributes,
        carried);
  }

  private void capture(AttributeProto attribute) {
    List<GraphProto> graphs = new ArrayList<>(attribute.getGraphsList());
    if (attribute.hasG()) {
      graphs.add(attribute.getG());
    }
    for (GraphProto g : graphs) {
      g.getOutputList().forEach(o -> captured.add(o.getName()));
      for (NodeProto n : g.getNodeList()) {
        captured.addAll(n.getInputList());
        n.getAttributeList().forEach(this::capture);
      }
    }
  }

  /** The tensor of a {@code Constant} node, whichever attribute it has it in. */
  private static Optional<Tensor> constant(Node node) {
    if (!node.is("Constant") || node.outputs().size() != 1 || node.attributes().size() != 1) {
      return Optional.empty();
    }
    Map.Entry<String, Attribute> only = node.attributes().entrySet().iterator().next();
    return switch (only.getValue()) {
      case Attribute.TensorValue(Tensor t) when only.getKey().equals("value") -> Optional.of(t);
      case Attribute.FloatValue(float v) -> Optional.of(Tensor.of(Shape.of(), v));
      case Attribute.IntValue(long v) -> Optional.of(Tensor.ofLongs(Shape.of(), v));
      case Attribute.Ints(List<Long> v) ->
          Optional.of(
              Tensor.ofLongs(Shape.of(v.size()), v.stream().mapToLong(Long::longValue).toArray()));
      default -> Optional.empty();
    };
  }

  private static ValueInfo valueInfo(ValueInfoProto proto) {
    if (!proto.getType().hasTensorType()) {
      return new ValueInfo(
          proto.getName(), Optional.empty(), Optional.empty(), proto.toByteArray());
    }
    var type = proto.getType().getTensorType();
    Optional<List<OptionalLong>> dims = Optional.empty();
    if (type.hasShape()) {
      List<OptionalLong> lengths = new ArrayList<>();
      for (TensorShapeProto.Dimension d : type.getShape().getDimList()) {
        lengths.add(
            d.hasDimValue() && d.getDimValue() >= 0
                ? OptionalLong.of(d.getDimValue())
                : OptionalLong.empty());
      }
      dims = Optional.of(List.copyOf(lengths));
    }
    return new ValueInfo(
        proto.getName(), DType.ofOnnx(type.getElemType()), dims, proto.toByteArray());
  }
}
