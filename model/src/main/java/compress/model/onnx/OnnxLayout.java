package compress.model.onnx;

import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import com.google.protobuf.InvalidProtocolBufferException;
import compress.model.DType;
import compress.model.FileLayout;
import compress.model.FileLayout.Span;
import compress.model.FormatException;
import compress.model.Shape;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Finds where the tensors of an ONNX file lie: initializers, tensors of attributes, those of
 * sub-graphs and functions, sparse ones, in the file or outside. Reads nothing but the framing, so
 * a file of any size costs little, and one that no reader understands can still be encoded.
 */
public final class OnnxLayout {
  // Field numbers: see onnx.proto.
  private static final int MODEL_GRAPH = 7;
  private static final int MODEL_FUNCTIONS = 25;
  private static final int FUNCTION_NODE = 7;
  private static final int GRAPH_NODE = 1;
  private static final int GRAPH_INITIALIZER = 5;
  private static final int GRAPH_SPARSE_INITIALIZER = 15;
  private static final int SPARSE_VALUES = 1;
  private static final int SPARSE_INDICES = 2;
  private static final int NODE_OUTPUT = 2;
  private static final int NODE_ATTRIBUTE = 5;
  private static final int ATTRIBUTE_T = 5;
  private static final int ATTRIBUTE_G = 6;
  private static final int ATTRIBUTE_TENSORS = 10;
  private static final int ATTRIBUTE_GRAPHS = 11;
  private static final int ATTRIBUTE_SPARSE_TENSOR = 22;
  private static final int ATTRIBUTE_SPARSE_TENSORS = 23;
  private static final int TENSOR_DIMS = 1;
  private static final int TENSOR_DATA_TYPE = 2;
  private static final int TENSOR_FLOAT_DATA = 4;
  private static final int TENSOR_NAME = 8;
  private static final int TENSOR_RAW_DATA = 9;
  private static final int TENSOR_DOUBLE_DATA = 10;
  private static final int TENSOR_EXTERNAL_DATA = 13;
  private static final int TENSOR_DATA_LOCATION = 14;

  /** Sub-graphs in sub-graphs; protobuf itself stops at a hundred messages. */
  private static final int DEEPEST = 100;

  private final Path file;
  private final ExternalData external;
  private final List<Span> spans = new ArrayList<>();
  private final Set<String> names = new HashSet<>();

  private OnnxLayout(Path file) {
    this.file = file;
    this.external = new ExternalData(file);
  }

  /** Lays out {@code bytes}, the whole of {@code file}. */
  public static FileLayout of(Path file, MemorySegment bytes) throws IOException {
    OnnxLayout layout = new OnnxLayout(file);
    WireReader model = new WireReader(file, bytes, 0, bytes.byteSize());
    boolean graph = false;
    while (model.next()) {
      if (model.is(MODEL_GRAPH, WireReader.LENGTH_DELIMITED)) {
        layout.graph(model.message(), 0);
        graph = true;
      } else if (model.is(MODEL_FUNCTIONS, WireReader.LENGTH_DELIMITED)) {
        WireReader function = model.message();
        while (function.next()) {
          if (function.is(FUNCTION_NODE, WireReader.LENGTH_DELIMITED)) {
            layout.node(function.message(), 0);
          }
        }
      }
    }
    if (!graph) {
      throw new FormatException(file, 0, "not an ONNX model: it has no graph");
    }
    return layout.result();
  }

  private FileLayout result() {
    spans.sort(
        Comparator.comparingInt(Span::file)
            .thenComparingLong(Span::offset)
            .thenComparingLong(Span::bytes));
    List<Span> apart = new ArrayList<>();
    for (Span s : spans) {
      Span last = apart.isEmpty() ? null : apart.getLast();
      if (last == null || last.file() != s.file() || last.offset() + last.bytes() <= s.offset()) {
        apart.add(s);
      }
    }
    List<Path> files = new ArrayList<>(List.of(file));
    files.addAll(external.files());
    return new FileLayout(List.copyOf(files), List.copyOf(apart));
  }

  private void graph(WireReader graph, int depth) throws IOException {
    if (depth > DEEPEST) {
      throw new FormatException(file, graph.start(), "graphs nested over " + DEEPEST + " deep");
    }
    while (graph.next()) {
      if (graph.is(GRAPH_INITIALIZER, WireReader.LENGTH_DELIMITED)) {
        tensor(graph.message(), "");
      } else if (graph.is(GRAPH_SPARSE_INITIALIZER, WireReader.LENGTH_DELIMITED)) {
        sparse(graph.message(), "");
      } else if (graph.is(GRAPH_NODE, WireReader.LENGTH_DELIMITED)) {
        node(graph.message(), depth);
      }
    }
  }

  private void sparse(WireReader sparse, String name) throws IOException {
    String values = name;
    while (sparse.next()) {
      if (sparse.is(SPARSE_VALUES, WireReader.LENGTH_DELIMITED)) {
        values = tensor(sparse.message(), name);
      } else if (sparse.is(SPARSE_INDICES, WireReader.LENGTH_DELIMITED)) {
        tensor(sparse.message(), values + ".sparse_indices");
      }
    }
  }

  private void node(WireReader node, int depth) throws IOException {
    String output = "";
    List<WireReader> attributes = new ArrayList<>();
    while (node.next()) {
      if (node.is(NODE_OUTPUT, WireReader.LENGTH_DELIMITED) && output.isEmpty()) {
        output = node.text();
      } else if (node.is(NODE_ATTRIBUTE, WireReader.LENGTH_DELIMITED)) {
        attributes.add(node.message());
      }
    }
    for (WireReader attribute : attributes) {
      while (attribute.next()) {
        if (attribute.is(ATTRIBUTE_T, WireReader.LENGTH_DELIMITED)
            || attribute.is(ATTRIBUTE_TENSORS, WireReader.LENGTH_DELIMITED)) {
          tensor(attribute.message(), output);
        } else if (attribute.is(ATTRIBUTE_SPARSE_TENSOR, WireReader.LENGTH_DELIMITED)
            || attribute.is(ATTRIBUTE_SPARSE_TENSORS, WireReader.LENGTH_DELIMITED)) {
          sparse(attribute.message(), output);
        } else if (attribute.is(ATTRIBUTE_G, WireReader.LENGTH_DELIMITED)
            || attribute.is(ATTRIBUTE_GRAPHS, WireReader.LENGTH_DELIMITED)) {
          graph(attribute.message(), depth + 1);
        }
      }
    }
  }

  /** Adds the span of a tensor, if its elements are one run of bytes, and gives its name. */
  private String tensor(WireReader tensor, String nameOtherwise) throws IOException {
    List<Long> dims = new ArrayList<>();
    Optional<DType> type = Optional.empty();
    String name = "";
    // Runs of packed elements; a tensor with several is not one run, so it gets no span.
    int runs = 0;
    long start = 0;
    long length = 0;
    boolean outside = false;
    List<StringStringEntryProto> entries = new ArrayList<>();
    while (tensor.next()) {
      switch (tensor.field()) {
        case TENSOR_DIMS -> addDims(tensor, dims);
        case TENSOR_DATA_TYPE -> type = DType.ofOnnx((int) tensor.value());
        case TENSOR_NAME -> name = tensor.text();
        case TENSOR_RAW_DATA, TENSOR_FLOAT_DATA, TENSOR_DOUBLE_DATA -> {
          runs++;
          start = tensor.start();
          length = tensor.length();
        }
        case TENSOR_DATA_LOCATION -> outside = tensor.value() == 1;
        case TENSOR_EXTERNAL_DATA -> entries.add(entry(tensor));
        default -> {}
      }
    }
    if (name.isEmpty()) {
      name = nameOtherwise;
    }
    if (type.isEmpty()) {
      return name;
    }
    try {
      Shape shape = Shape.of(dims.stream().mapToLong(Long::longValue).toArray());
      long bytes = type.get().bytesFor(shape.size());
      if (outside) {
        ExternalData.Place place = external.place(name, entries, bytes);
        int index = 1 + external.files().indexOf(place.file());
        add(index, name, type.get(), shape, place.offset());
      } else if (runs == 1 && length == bytes) {
        add(0, name, type.get(), shape, start);
      }
    } catch (IllegalArgumentException | ArithmeticException e) {
      // A shape that cannot be: no tensor for us, but its bytes can be kept all the same.
      return name;
    }
    return name;
  }

  private void add(int index, String name, DType type, Shape shape, long offset) {
    if (shape.size() == 0) {
      return;
    }
    String unique = name;
    for (int i = 2; !names.add(unique); i++) {
      unique = name + "#" + i;
    }
    spans.add(new Span(index, unique, type, shape, offset));
  }

  private static void addDims(WireReader tensor, List<Long> dims) throws FormatException {
    if (tensor.is(TENSOR_DIMS, WireReader.VARINT)) {
      dims.add(tensor.value());
    } else if (tensor.is(TENSOR_DIMS, WireReader.LENGTH_DELIMITED)) {
      tensor.packedVarints(dims::add);
    }
  }

  private StringStringEntryProto entry(WireReader tensor) throws FormatException {
    try {
      return StringStringEntryProto.parseFrom(tensor.content());
    } catch (InvalidProtocolBufferException e) {
      throw new FormatException(file, tensor.start(), "damaged external data entry", e);
    }
  }
}
