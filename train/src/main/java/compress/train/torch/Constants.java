package compress.train.torch;

import compress.model.Attribute;
import compress.model.DType;
import compress.model.Shape;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Operators that make tensors, and {@code Cast}. */
final class Constants {
  private Constants() {}

  static Tensor constant(Call call) {
    for (Attribute value : call.node().attributes().values()) {
      switch (value) {
        case Attribute.TensorValue t -> {
          return Libtorch.copy(t.value());
        }
        case Attribute.FloatValue f -> {
          return Libtorch.floats(new float[] {f.value()}).squeeze();
        }
        case Attribute.IntValue i -> {
          return Libtorch.longs(i.value()).squeeze();
        }
        case Attribute.Floats f -> {
          float[] floats = new float[f.values().size()];
          for (int i = 0; i < floats.length; i++) {
            floats[i] = f.values().get(i);
          }
          return Libtorch.floats(floats, floats.length);
        }
        case Attribute.Ints i -> {
          return Libtorch.longs(i.values().stream().mapToLong(Long::longValue).toArray());
        }
        default -> {}
      }
    }
    throw call.unsupported("has no value that can be computed with");
  }

  static Tensor ofShape(Call call) {
    compress.model.Tensor value =
        call.node().attributes().get("value") instanceof Attribute.TensorValue t
            ? t.value()
            : compress.model.Tensor.of(Shape.of(1), 0f);
    return Libtorch.copy(value).reshape().expand(call.longs(0)).clone();
  }

  static Tensor range(Call call) {
    if (call.isFloat(0)) {
      double start = call.in(0).to(ScalarType.Double).item_double();
      double limit = call.in(1).to(ScalarType.Double).item_double();
      double delta = call.in(2).to(ScalarType.Double).item_double();
      long count = (long) Math.max(0, Math.ceil((limit - start) / delta));
      return torch
          .arange(new Scalar((double) count))
          .mul(new Scalar(delta))
          .add(new Scalar(start))
          .to(call.type(0));
    }
    long start = call.longs(0)[0];
    long delta = call.longs(2)[0];
    long count = Math.max(0, Math.ceilDiv(call.longs(1)[0] - start, delta));
    return Libtorch.longs(LongStream.range(0, count).map(i -> start + i * delta).toArray())
        .to(call.type(0));
  }

  static Tensor eyeLike(Call call) {
    Tensor x = call.in(0);
    Tensor ones = torch.ones_like(x);
    long k = call.intAttribute("k", 0);
    Tensor diagonal = torch.tril(torch.triu(ones, k), k);
    return call.node().attributes().containsKey("dtype")
        ? diagonal.to(type(call.intAttribute("dtype", 1)))
        : diagonal;
  }

  static Tensor cast(Call call) {
    return call.in(0).to(type(call.intAttribute("to", 0)));
  }

  static Tensor castLike(Call call) {
    return call.in(0).to(call.type(1));
  }

  private static ScalarType type(long onnxCode) {
    return DType.ofOnnx((int) onnxCode).flatMap(Libtorch::type).orElseThrow();
  }
}
