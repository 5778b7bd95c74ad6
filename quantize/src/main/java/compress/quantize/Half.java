package compress.quantize;

import compress.model.DType;
import compress.model.Dense;
import compress.model.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Each weight rounded to the nearest float of 16 bits, ties to even: IEEE 754's binary16. The graph
 * casts it back, so it runs as before. What is too large becomes the largest, 65,504; what would
 * round to zero becomes the smallest, 2⁻²⁴, so that only pruned weights are zero.
 */
public record Half() implements Scheme {
  private static final short LARGEST = 0x7bff;
  private static final short SMALLEST = 0x0001;

  @Override
  public String name() {
    return "fp16";
  }

  @Override
  public int fewestBits() {
    return Float.SIZE / 2;
  }

  @Override
  public int mostBits() {
    return Float.SIZE / 2;
  }

  @Override
  public Dense quantize(Layer layer, int bits, long seed) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.multiplyExact(layer.weights().length, Short.BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
    for (float w : layer.weights()) {
      bytes.putShort(half(w));
    }
    return new Dense(Tensor.of(DType.F16, layer.shape(), bytes.array()));
  }

  private static short half(float weight) {
    short nearest = Float.floatToFloat16(weight);
    short sign = (short) (nearest & 0x8000);
    float rounded = Float.float16ToFloat(nearest);
    if (Float.isInfinite(rounded)) {
      return (short) (sign | LARGEST);
    }
    if (weight == 0) {
      return 0;
    }
    return rounded == 0 ? (short) (sign | SMALLEST) : nearest;
  }
}
