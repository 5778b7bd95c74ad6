package compress.runtime.op;

import static java.util.Map.entry;

import compress.model.Attribute;
import compress.model.DType;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Networks that go through a sequence step by step, in one direction or two. Sequences are {@code
 * [steps, batch, inputs]}, weights {@code [directions, gates * hidden, inputs]}, with the gates in
 * ONNX's order.
 */
final class Recurrent {
  static final Map<String, Operator> ALL =
      Map.<String, Operator>ofEntries(
          entry("LSTM", call -> plan(call, Kind.LSTM)),
          entry("GRU", call -> plan(call, Kind.GRU)),
          entry("RNN", call -> plan(call, Kind.RNN)));

  private Recurrent() {}

  private enum Kind {
    LSTM(4),
    GRU(3),
    RNN(1);

    final int gates;

    Kind(int gates) {
      this.gates = gates;
    }

    List<String> functions() {
      return switch (this) {
        case LSTM -> List.of("Sigmoid", "Tanh", "Tanh");
        case GRU -> List.of("Sigmoid", "Tanh");
        case RNN -> List.of("Tanh");
      };
    }
  }

  /** One direction of a node. */
  private record Direction(
      Kind kind,
      int inputs,
      int hidden,
      DoubleUnaryOperator[] functions,
      double clip,
      boolean coupled,
      boolean linearBeforeReset) {}

  private static void plan(Call call, Kind kind) {
    boolean batchFirst = call.flag("layout", false);
    Value x = call.dense(batchFirst ? call.in(0).transposed(1, 0, 2) : call.in(0));
    Value w = call.dense(1);
    Value r = call.dense(2);
    if (x.type() != DType.F32 || x.rank() != 3 || w.rank() != 3 || r.rank() != 3) {
      throw call.refuse("sequences " + x + " with weights " + w + " and " + r);
    }
    int steps = x.dim(0);
    int batch = x.dim(1);
    int directions = w.dim(0);
    int hidden = r.dim(2);
    if (w.dim(1) != kind.gates * hidden || r.dim(1) != w.dim(1) || w.dim(2) != x.dim(2)) {
      throw call.refuse("sequences " + x + " with weights " + w + " and " + r);
    }
    Value y = call.scratch(Value.of(DType.F32, steps, directions, batch, hidden));
    Value state = call.scratch(Value.of(DType.F32, directions, batch, hidden));
    Value cell = call.scratch(Value.of(DType.F32, directions, batch, hidden));
    start(call, 5, batchFirst, state);
    start(call, kind == Kind.LSTM ? 6 : Integer.MAX_VALUE, batchFirst, cell);
    @Nullable Value bias = call.has(3) ? call.dense(3) : null;
    @Nullable Value lengths = call.has(4) ? call.dense(4) : null;
    @Nullable Value peepholes = kind == Kind.LSTM && call.has(7) ? call.dense(7) : null;
    String way = call.text("direction", "forward");
    for (int d = 0; d < directions; d++) {
      boolean backwards = way.equals("reverse") || d == 1;
      Direction direction =
          new Direction(
              kind,
              x.dim(2),
              hidden,
              functions(call, kind, d),
              call.number("clip", Float.POSITIVE_INFINITY),
              call.flag("input_forget", false),
              call.flag("linear_before_reset", false));
      int number = d;
      call.work(threads ->
          threads.run(
              batch,
              (long) steps * batch * kind.gates * hidden * (hidden + x.dim(2)),
              (b, worker) -> {
                float[] h = floats(state, (number * batch + b) * hidden, hidden);
                float[] c = floats(cell, (number * batch + b) * hidden, hidden);
                Cell run =
                    new Cell(
                        direction,
                        floats(w, number * w.dim(1) * w.dim(2), w.dim(1) * w.dim(2)),
                        floats(r, number * r.dim(1) * hidden, r.dim(1) * hidden),
                        bias == null
                            ? new float[2 * kind.gates * hidden]
                            : floats(bias, number * bias.dim(1), bias.dim(1)),
                        peepholes == null
                            ? new float[3 * hidden]
                            : floats(peepholes, number * 3 * hidden, 3 * hidden));
                int n =
                    lengths == null
                        ? steps
                        : (int) Elements.getLong(lengths.type(), lengths.data(), b);
                for (int i = 0; i < steps; i++) {
                  int t = i < n && backwards ? n - 1 - i : i;
                  int to = ((t * directions + number) * batch + b) * hidden;
                  if (i < n) {
                    run.step(floats(x, (t * batch + b) * x.dim(2), x.dim(2)), h, c);
                    Pointwise.store(h, y.data(), to, 1, hidden);
                  } else {
                    Pointwise.store(new float[hidden], y.data(), to, 1, hidden);
                  }
                }
                Pointwise.store(h, state.data(), ((long) number * batch + b) * hidden, 1, hidden);
                Pointwise.store(c, cell.data(), ((long) number * batch + b) * hidden, 1, hidden);
              }));
    }
    call.alias(0, batchFirst ? y.transposed(2, 0, 1, 3) : y);
    call.alias(1, batchFirst ? state.transposed(1, 0, 2) : state);
    call.alias(2, batchFirst ? cell.transposed(1, 0, 2) : cell);
  }

  private static float[] floats(Value v, int from, int n) {
    float[] floats = new float[n];
    Pointwise.load(v.data(), from, 1, floats, n);
    return floats;
  }

  private static void start(Call call, int input, boolean batchFirst, Value state) {
    if (call.has(input)) {
      Value given = call.in(input);
      call.work(Copies.of(batchFirst ? given.transposed(1, 0, 2) : given, state));
    } else {
      call.work(Fills.of(state, null, 0));
    }
  }

  private static DoubleUnaryOperator[] functions(Call call, Kind kind, int direction) {
    int count = kind.functions().size();
    DoubleUnaryOperator[] functions = new DoubleUnaryOperator[count];
    List<String> named =
        call.node().attributes().get("activations") instanceof Attribute.Texts t
            ? t.values()
            : List.of();
    for (int i = 0; i < count; i++) {
      int at = direction * count + i;
      String name = named.isEmpty() ? kind.functions().get(i) : named.get(at);
      functions[i] =
          function(
              call,
              name,
              parameter(call, "activation_alpha", at),
              parameter(call, "activation_beta", at));
    }
    return functions;
  }

  private static double parameter(Call call, String attribute, int i) {
    return call.node().attributes().get(attribute) instanceof Attribute.Floats f
            && i < f.values().size()
        ? f.values().get(i)
        : Double.NaN;
  }

  private static DoubleUnaryOperator function(Call call, String name, double alpha, double beta) {
    double a = Double.isNaN(alpha) ? 0.01 : alpha;
    return switch (name) {
      case "Sigmoid" -> Functions::sigmoid;
      case "Tanh" -> Math::tanh;
      case "Relu" -> v -> Math.max(0, v);
      case "Softsign" -> v -> v / (1 + Math.abs(v));
      case "LeakyRelu" -> v -> v < 0 ? a * v : v;
      case "Affine" -> v -> (Double.isNaN(alpha) ? 1 : alpha) * v + (Double.isNaN(beta) ? 0 : beta);
      case "HardSigmoid" ->
          v ->
              Math.clamp(
                  (Double.isNaN(alpha) ? 0.2 : alpha) * v + (Double.isNaN(beta) ? 0.5 : beta),
                  0,
                  1.0);
      default -> throw call.refuse("activation '" + name + "' is not offered");
    };
  }

  /** The weights of a direction, and one step with them. */
  private static final class Cell {
    private final Direction of;
    private final float[] w;
    private final float[] r;
    private final float[] bias;
    private final float[] peepholes;
    private final double[] fromInput;
    private final double[] fromState;

    Cell(Direction of, float[] w, float[] r, float[] bias, float[] peepholes) {
      this.of = of;
      this.w = w;
      this.r = r;
      this.bias = bias;
      this.peepholes = peepholes;
      this.fromInput = new double[of.kind.gates * of.hidden];
      this.fromState = new double[of.kind.gates * of.hidden];
    }

    /** From the state {@code h}, and of an LSTM the cell {@code c}, to the next. */
    void step(float[] x, float[] h, float[] c) {
      int all = fromInput.length;
      for (int g = 0; g < all; g++) {
        fromInput[g] = dot(w, g * x.length, x) + bias[g];
        fromState[g] = dot(r, g * h.length, h) + bias[all + g];
      }
      switch (of.kind) {
        case LSTM -> lstm(h, c);
        case GRU -> gru(h);
        case RNN -> {
          for (int i = 0; i < of.hidden; i++) {
            h[i] = (float) of.functions[0].applyAsDouble(clip(fromInput[i] + fromState[i]));
          }
        }
      }
    }

    private static double dot(float[] a, int from, float[] b) {
      float even = 0;
      float odd = 0;
      int i = 0;
      for (; i < b.length - 1; i += 2) {
        even += a[from + i] * b[i];
        odd += a[from + i + 1] * b[i + 1];
      }
      return i < b.length ? even + odd + a[from + i] * b[i] : even + odd;
    }

    private double clip(double v) {
      return Math.max(-of.clip, Math.min(of.clip, v));
    }

    private double gate(int gate, int i) {
      return fromInput[gate * of.hidden + i] + fromState[gate * of.hidden + i];
    }

    private void lstm(float[] h, float[] c) {
      int n = of.hidden;
      DoubleUnaryOperator f = of.functions[0];
      for (int i = 0; i < n; i++) {
        double in = f.applyAsDouble(clip(gate(0, i) + peepholes[i] * c[i]));
        double forget =
            of.coupled ? 1 - in : f.applyAsDouble(clip(gate(2, i) + peepholes[2 * n + i] * c[i]));
        double next = forget * c[i] + in * of.functions[1].applyAsDouble(clip(gate(3, i)));
        double out = f.applyAsDouble(clip(gate(1, i) + peepholes[n + i] * next));
        c[i] = (float) next;
        h[i] = (float) (out * of.functions[2].applyAsDouble(next));
      }
    }

    private void gru(float[] h) {
      int n = of.hidden;
      DoubleUnaryOperator f = of.functions[0];
      double[] update = new double[n];
      double[] reset = new double[n];
      float[] kept = new float[n];
      for (int i = 0; i < n; i++) {
        update[i] = f.applyAsDouble(clip(gate(0, i)));
        reset[i] = f.applyAsDouble(clip(gate(1, i)));
        kept[i] = (float) (reset[i] * h[i]);
      }
      for (int i = 0; i < n; i++) {
        int g = 2 * n + i;
        double state =
            of.linearBeforeReset ? reset[i] * fromState[g] : dot(r, g * n, kept) + bias[3 * n + g];
        double next = of.functions[1].applyAsDouble(clip(fromInput[g] + state));
        // The old state is not read again in this loop.
        update[i] = (1 - update[i]) * next + update[i] * h[i];
      }
      for (int i = 0; i < n; i++) {
        h[i] = (float) update[i];
      }
    }
  }
}
