package compress.quantize;

import compress.model.Affine;
import compress.model.Attribute;
import compress.model.DType;
import compress.model.Granularity;
import compress.model.Graph;
import compress.model.Model;
import compress.model.Node;
import compress.model.Param;
import compress.model.Shape;
import compress.model.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * Writes {@code MatMul} with weights in groups as ONNX Runtime's own {@code MatMulNBits}, which
 * takes 2, 4 and 8 bits and no later operator set. ONNX Runtime makes the same node of {@code
 * DequantizeLinear} and {@code MatMul} when it loads a file, so this is for versions that do not,
 * and for 2 bits.
 *
 * <p>The weights are bytes of the graph afterwards, and nothing lifts them back to floats.
 *
 * @see <a href="https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md">ONNX
 *     Runtime, contributed operators</a>
 */
final class BlockedProducts {
  private static final String DOMAIN = "com.microsoft";

  /** The smallest group that the operator takes; larger ones are powers of two. */
  static final int SMALLEST_GROUP = 16;

  private BlockedProducts() {}

  /** What came of it, and the labels of the nodes that are written so now. */
  record Written(Model model, List<String> nodes) {}

  /**
   * @param bits of each tensor's integers; other than 2, 4 and 8 are written in the next of these
   */
  static Written of(Model model, Map<String, Integer> bits) {
    Wiring wiring = new Wiring(model);
    Graph graph = model.graph().orElseThrow();
    SequencedMap<String, Param> params = new LinkedHashMap<>(model.params());
    List<Node> nodes = new ArrayList<>();
    List<String> done = new ArrayList<>();
    for (Node node : graph.nodes()) {
      Param weight = model.params().get(node.input(1));
      if (weight != null && fits(node, weight) && wiring.readers(weight.name()).size() == 1) {
        nodes.add(
            replaced(node, weight, stored(bits.getOrDefault(weight.name(), 8)), params, wiring));
        done.add(node.label());
      } else {
        nodes.add(node);
      }
    }
    Map<String, Long> opsets = new LinkedHashMap<>(model.opsets());
    if (!done.isEmpty()) {
      opsets.put(DOMAIN, 1L);
    }
    Model result =
        new Model(
            Optional.of(
                new Graph(graph.name(), nodes, graph.inputs(), graph.outputs(), graph.carried())),
            params,
            opsets,
            model.metadata(),
            model.carried());
    return new Written(result, List.copyOf(done));
  }

  private static int stored(int bits) {
    return bits <= 2 ? 2 : bits <= 4 ? 4 : 8;
  }

  private static boolean fits(Node node, Param weight) {
    return node.is("MatMul")
        && weight.shape().rank() == 2
        && weight.type() == DType.F32
        && weight.values() instanceof Affine affine
        && affine.integers().type().isInteger()
        && affine.integers().type().bits() <= Byte.SIZE
        && affine.granularity() instanceof Granularity.PerGroup(int axis, int size)
        && axis == 0
        && size >= SMALLEST_GROUP
        && Integer.bitCount(size) == 1;
  }

  private static Node replaced(
      Node node, Param weight, int bits, SequencedMap<String, Param> params, Wiring wiring) {
    Affine affine = (Affine) weight.values();
    int k = (int) weight.shape().dim(0);
    int n = (int) weight.shape().dim(1);
    int size = ((Granularity.PerGroup) affine.granularity()).size();
    int blocks = k / size;
    boolean signed = affine.integers().type().kind() == DType.Kind.SIGNED;
    int middle = 1 << bits - 1;
    int bytesPerBlock = size * bits / Byte.SIZE;
    byte[] packed = new byte[n * blocks * bytesPerBlock];
    float[] scales = new float[n * blocks];
    int zeroBytes = Math.ceilDiv(blocks * bits, Byte.SIZE);
    byte[] zeros = new byte[n * zeroBytes];
    float[] given = affine.scale().toFloats();
    for (int row = 0; row < n; row++) {
      for (int i = 0; i < k; i++) {
        int code = (int) affine.integers().longAt((long) i * n + row) + (signed ? middle : 0);
        pack(packed, row * blocks * bytesPerBlock, i, code, bits);
      }
      for (int b = 0; b < blocks; b++) {
        scales[row * blocks + b] = given[b * n + row];
        if (affine.zeroPoint().isPresent()) {
          int zero = (int) affine.zeroPoint().get().longAt((long) b * n + row);
          pack(zeros, row * zeroBytes, b, zero, bits);
        }
      }
    }
    params.remove(weight.name());
    List<String> inputs = new ArrayList<>(List.of(node.input(0)));
    String name = weight.name();
    inputs.add(
        put(
            params,
            wiring.unique(name + ".blocks"),
            Tensor.of(DType.U8, Shape.of(n, blocks, bytesPerBlock), packed)));
    inputs.add(
        put(params, wiring.unique(name + ".scales"), Tensor.of(Shape.of(scales.length), scales)));
    if (affine.zeroPoint().isPresent()) {
      inputs.add(
          put(
              params,
              wiring.unique(name + ".zero_points"),
              Tensor.of(DType.U8, Shape.of(zeros.length), zeros)));
    }
    Map<String, Attribute> attributes = new LinkedHashMap<>();
    attributes.put("K", new Attribute.IntValue(k));
    attributes.put("N", new Attribute.IntValue(n));
    attributes.put("bits", new Attribute.IntValue(bits));
    attributes.put("block_size", new Attribute.IntValue(size));
    return new Node(
        node.name(), "MatMulNBits", DOMAIN, inputs, node.outputs(), attributes, node.carried());
  }

  private static void pack(byte[] to, int at, int i, int code, int bits) {
    int bit = i * bits;
    to[at + bit / Byte.SIZE] |= (byte) (code << bit % Byte.SIZE);
  }

  private static String put(SequencedMap<String, Param> params, String name, Tensor tensor) {
    params.put(name, Param.of(name, tensor));
    return name;
  }
}
