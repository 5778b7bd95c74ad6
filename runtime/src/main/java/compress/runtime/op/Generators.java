package compress.runtime.op;

import static java.util.Map.entry;

import compress.model.Attribute;
import compress.model.DType;
import compress.model.Shape;
import compress.model.Tensor;
import java.util.Arrays;
import java.util.Map;

/** Tensors from next to nothing. */
final class Generators {
  static final Map<String, Operator> ALL =
      Map.<String, Operator>ofEntries(
          entry("Constant", Generators::constant),
          entry("ConstantOfShape", Generators::ofShape),
          entry("Range", Generators::range),
          entry("EyeLike", Generators::eyeLike),
          entry("HannWindow", call -> window(call, 0.5, 0.5, 0)),
          entry("HammingWindow", call -> window(call, 25.0 / 46, 21.0 / 46, 0)),
          entry("BlackmanWindow", call -> window(call, 0.42, 0.5, 0.08)));

  private Generators() {}

  private static void constant(Call call) {
    Map.Entry<String, Attribute> only =
        call.node().attributes().entrySet().stream()
            .findFirst()
            .orElseThrow(() -> call.refuse("a constant without a value"));
    Tensor tensor =
        switch (only.getValue()) {
          case Attribute.TensorValue(Tensor t) -> t;
          case Attribute.FloatValue(float v) -> Tensor.of(Shape.of(), v);
          case Attribute.IntValue(long v) -> Tensor.ofLongs(Shape.of(), v);
          case Attribute.Ints ints ->
              Tensor.ofLongs(
                  Shape.of(ints.values().size()),
                  ints.values().stream().mapToLong(Long::longValue).toArray());
          case Attribute.Floats floats -> {
            float[] v = new float[floats.values().size()];
            for (int i = 0; i < v.length; i++) {
              v[i] = floats.values().get(i);
            }
            yield Tensor.of(Shape.of(v.length), v);
          }
          default -> throw call.refuse("attribute '" + only.getKey() + "' is not offered");
        };
    call.alias(0, Value.constant(tensor));
  }

  private static void ofShape(Call call) {
    int[] shape = Arrays.stream(call.longs(0)).mapToInt(Math::toIntExact).toArray();
    Value one =
        call.node().attributes().get("value") instanceof Attribute.TensorValue(Tensor t)
            ? Value.constant(t.reshaped(Shape.of()))
            : Casts.constant(DType.F32, 0);
    call.alias(0, one.expanded(shape));
  }

  private static void range(Call call) {
    for (int i = 0; i < 3; i++) {
      if (!call.in(i).isKnown()) {
        throw new NotYetKnown();
      }
    }
    DType type = call.in(0).type();
    if (type.isFloat()) {
      double start = Elements.getDouble(type, call.in(0).data(), 0);
      double limit = Elements.getDouble(type, call.in(1).data(), 0);
      double delta = Elements.getDouble(type, call.in(2).data(), 0);
      int n = (int) Math.max(0, Math.ceil((limit - start) / delta));
      Value y = call.out(0, type, n);
      call.work(threads -> {
        for (int i = 0; i < n; i++) {
          Elements.putDouble(type, y.data(), i, start + i * delta);
        }
      });
    } else {
      long start = call.longs(0)[0];
      long limit = call.longs(1)[0];
      long delta = call.longs(2)[0];
      if (delta == 0) {
        throw call.refuse("a range in steps of 0");
      }
      int n = Math.toIntExact(Math.max(0, Math.ceilDiv(limit - start, delta)));
      Value y = call.out(0, type, n);
      call.work(threads -> {
        for (int i = 0; i < n; i++) {
          Elements.putLong(type, y.data(), i, start + i * delta);
        }
      });
    }
  }

  private static void eyeLike(Call call) {
    Value x = call.in(0);
    DType type = call.type("dtype", x.type());
    long k = call.intAttribute("k", 0);
    Value y = call.out(0, type, x.shape());
    call.work(Fills.of(y, null, 0));
    call.work(threads -> {
      for (long r = Math.max(0, -k); r < x.dim(0) && r + k < x.dim(1); r++) {
        if (type.isFloat()) {
          Elements.putDouble(type, y.data(), r * x.dim(1) + r + k, 1);
        } else {
          Elements.putLong(type, y.data(), r * x.dim(1) + r + k, 1);
        }
      }
    });
  }

  /** {@code a - b cos(2 pi i / n) + c cos(4 pi i / n)} */
  private static void window(Call call, double a, double b, double c) {
    int size = Math.toIntExact(call.longs(0)[0]);
    DType type = call.type("output_datatype", DType.F32);
    double n = call.flag("periodic", true) ? size : size - 1;
    Value y = call.out(0, type, size);
    call.work(threads -> {
      for (int i = 0; i < size; i++) {
        double angle = 2 * Math.PI * i / n;
        double v = a - b * Math.cos(angle) + c * Math.cos(2 * angle);
        Elements.putDouble(type, y.data(), i, v);
      }
    });
  }
}
