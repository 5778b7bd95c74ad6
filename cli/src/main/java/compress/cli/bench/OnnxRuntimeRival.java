package compress.cli.bench;

import compress.kernels.Matrix;
import compress.kernels.WeightMatrix;
import compress.kernels.measure.Rival;
import compress.model.Attribute;
import compress.model.DType;
import compress.model.Graph;
import compress.model.Model;
import compress.model.Node;
import compress.model.Param;
import compress.model.Shape;
import compress.model.Tensor;
import compress.model.ValueInfo;
import compress.model.onnx.OnnxWriter;
import compress.train.onnxruntime.FixedSession;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.stream.LongStream;

/**
 * ONNX Runtime on a model of one product, {@code y = x B} with {@code x} of {@code [n, k]} and a
 * constant {@code B} of {@code [k, m]}, the form that it packs in advance. Both sides are
 * transposed outside the clock.
 */
final class OnnxRuntimeRival implements Rival {
  private static final String MICROSOFT = "com.microsoft";

  /** {@code MatMul} of 32-bit floats. */
  static final OnnxRuntimeRival F32 =
      new OnnxRuntimeRival("onnxruntime_f32", OnnxRuntimeRival::floats);

  /**
   * {@code DynamicQuantizeLinear} and {@code MatMulInteger}, which ONNX Runtime joins into one:
   * weights of 8 bits with a scale for each output, activations of 8 bits with one scale for all.
   */
  static final OnnxRuntimeRival DYNAMIC_INT8 =
      new OnnxRuntimeRival("onnxruntime_dynamic_int8", OnnxRuntimeRival::dynamicInt8);

  /**
   * {@code MatMulNBits}: weights of 4 bits with a scale for 32 of them, activations of 8 bits
   * inside the product (accuracy level 4).
   */
  static final OnnxRuntimeRival MATMUL_NBITS_4 =
      new OnnxRuntimeRival("onnxruntime_matmulnbits4", OnnxRuntimeRival::fourBits);

  /** Weights that share a scale in {@code MatMulNBits}. */
  private static final int BLOCK = 32;

  private interface Form {
    Made make(WeightMatrix w);
  }

  /**
   * A model and what it does to the numbers.
   *
   * @param activationError of the largest magnitudes of all activations and of a column's
   */
  private record Made(
      List<Node> nodes,
      List<Param> params,
      int bits,
      long bytes,
      float[] weights,
      ActivationError activationError) {}

  private interface ActivationError {
    double of(double range, double largestOfColumn);
  }

  private final String name;
  private final Form form;

  private OnnxRuntimeRival(String name, Form form) {
    this.name = name;
    this.form = form;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Product ready(WeightMatrix weights, Matrix x, int threads) {
    Made made = form.make(weights);
    SequencedMap<String, Param> params = new LinkedHashMap<>();
    made.params.forEach(p -> params.put(p.name(), p));
    Graph graph =
        new Graph(
            name,
            made.nodes,
            List.of(info("x", x.columns(), weights.columns())),
            List.of(info("y", x.columns(), weights.rows())),
            new byte[0]);
    byte[] model =
        OnnxWriter.bytes(
            new Model(
                Optional.of(graph), params, Map.of("", 17L, MICROSOFT, 1L), Map.of(), new byte[0]));
    try {
      return new Ready(made, model, weights.rows(), x, threads);
    } catch (IllegalStateException e) {
      throw new IllegalStateException(name + ": " + e.getMessage(), e);
    }
  }

  private static ValueInfo info(String name, long... dims) {
    return new ValueInfo(
        name,
        Optional.of(DType.F32),
        Optional.of(LongStream.of(dims).mapToObj(OptionalLong::of).toList()),
        new byte[0]);
  }

  private static Made floats(WeightMatrix w) {
    float[] b = w.transposed().values();
    return new Made(
        List.of(node("MatMul", List.of("x", "b"), "y")),
        List.of(Param.of("b", Tensor.of(Shape.of(w.columns(), w.rows()), b))),
        Float.SIZE,
        (long) Float.BYTES * b.length,
        w.values(),
        (range, largest) -> 0);
  }

  private static Made dynamicInt8(WeightMatrix w) {
    int m = w.rows();
    int k = w.columns();
    byte[] codes = new byte[m * k];
    float[] scales = new float[m];
    float[] stored = new float[m * k];
    for (int r = 0; r < m; r++) {
      scales[r] = largest(w, r, 0, k) / Byte.MAX_VALUE;
      for (int c = 0; c < k; c++) {
        int code = Math.round(w.at(r, c) / scales[r]);
        codes[c * m + r] = (byte) code;
        stored[r * k + c] = code * scales[r];
      }
    }
    return new Made(
        List.of(
            new Node(
                "",
                "DynamicQuantizeLinear",
                "",
                List.of("x"),
                List.of("xq", "xs", "xz"),
                Map.of(),
                new byte[0]),
            node("MatMulInteger", List.of("xq", "b", "xz"), "sums"),
            node("Cast", List.of("sums"), "floats", "to", 1),
            node("Mul", List.of("xs", "scales"), "scale"),
            node("Mul", List.of("floats", "scale"), "y")),
        List.of(
            Param.of("b", Tensor.of(DType.I8, Shape.of(k, m), codes)),
            Param.of("scales", Tensor.of(Shape.of(m), scales))),
        Byte.SIZE,
        codes.length + 4L * m,
        stored,
        // Half a step, and as much again where the ends of the range are cut off.
        (range, largest) -> range / 255);
  }

  private static Made fourBits(WeightMatrix w) {
    int m = w.rows();
    int k = w.columns();
    int blocks = Math.ceilDiv(k, BLOCK);
    byte[] codes = new byte[m * blocks * BLOCK / 2];
    float[] scales = new float[m * blocks];
    float[] stored = new float[m * k];
    for (int r = 0; r < m; r++) {
      for (int b = 0; b < blocks; b++) {
        int to = Math.min(k, (b + 1) * BLOCK);
        int block = r * blocks + b;
        scales[block] = largest(w, r, b * BLOCK, to) / 7;
        for (int i = 0; i < BLOCK; i++) {
          int c = b * BLOCK + i;
          int code = c < to ? Math.round(w.at(r, c) / scales[block]) : 0;
          codes[(block * BLOCK + i) / 2] |= (byte) (code + 8 << i % 2 * 4);
          if (c < to) {
            stored[r * k + c] = code * scales[block];
          }
        }
      }
    }
    Map<String, Attribute> attributes = new LinkedHashMap<>();
    attributes.put("K", new Attribute.IntValue(k));
    attributes.put("N", new Attribute.IntValue(m));
    attributes.put("bits", new Attribute.IntValue(4));
    attributes.put("block_size", new Attribute.IntValue(BLOCK));
    attributes.put("accuracy_level", new Attribute.IntValue(4));
    return new Made(
        List.of(
            new Node(
                "",
                "MatMulNBits",
                MICROSOFT,
                List.of("x", "b", "scales"),
                List.of("y"),
                attributes,
                new byte[0])),
        List.of(
            Param.of("b", Tensor.of(DType.U8, Shape.of(m, blocks, BLOCK / 2), codes)),
            Param.of("scales", Tensor.of(Shape.of(m, blocks), scales))),
        4,
        codes.length + 4L * scales.length,
        stored,
        // Half a step of 8 bits with a sign would do for rounding to the nearest.
        (range, largest) -> largest / Byte.MAX_VALUE);
  }

  /** The largest magnitude in a part of a row, or 1 if all are zero. */
  private static float largest(WeightMatrix w, int row, int from, int to) {
    float largest = 0;
    for (int c = from; c < to; c++) {
      largest = Math.max(largest, Math.abs(w.at(row, c)));
    }
    return largest == 0 ? 1 : largest;
  }

  private static Node node(String op, List<String> inputs, String output) {
    return Node.of(op, inputs, List.of(output), Map.of());
  }

  private static Node node(
      String op, List<String> inputs, String output, String attribute, int value) {
    return Node.of(op, inputs, List.of(output), Map.of(attribute, new Attribute.IntValue(value)));
  }

  private static final class Ready implements Product {
    private final Made made;
    private final Matrix x;
    private final Matrix y;
    private final double range;
    private final FixedSession session;

    Ready(Made made, byte[] model, int outputs, Matrix x, int threads) {
      this.made = made;
      this.x = x;
      this.range = Activations.range(x);
      Matrix from = Activations.transposed(x);
      this.y = Matrix.zeros(x.columns(), outputs);
      this.session = new FixedSession(model, place("x", from), place("y", y), threads);
    }

    private static FixedSession.Place place(String name, Matrix matrix) {
      return new FixedSession.Place(
          name,
          Shape.of(matrix.rows(), matrix.columns()),
          matrix.data().asSlice(0, 4L * matrix.rows() * matrix.columns()));
    }

    @Override
    public void multiply() {
      session.run();
    }

    @Override
    public Matrix result() {
      return Activations.transposed(y);
    }

    @Override
    public int bits() {
      return made.bits;
    }

    @Override
    public long bytes() {
      return made.bytes;
    }

    @Override
    public float[] weights() {
      return made.weights;
    }

    @Override
    public double activationError(int column) {
      return made.activationError.of(range, Activations.largest(x, column));
    }

    @Override
    public void close() {
      session.close();
    }
  }
}
