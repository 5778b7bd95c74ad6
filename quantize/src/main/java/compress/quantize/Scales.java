package compress.quantize;

import compress.model.DType;
import compress.model.Shape;
import compress.model.Tensor;
import java.util.Optional;

/** What {@code DequantizeLinear} asks of its scales: the type that the network computes in. */
final class Scales {
  private Scales() {}

  /** Why a network that computes in {@code type} cannot have weights with a scale. */
  static Optional<String> objection(DType type) {
    return type == DType.F32 || type == DType.F16 || type == DType.BF16
        ? Optional.empty()
        : Optional.of(
            "is %s, and DequantizeLinear gives F32, F16 and BF16 only; use kmeans".formatted(type));
  }

  /** What becomes of a scale in {@code type}: never zero, never infinite. */
  static Grid.Rounding rounding(DType type) {
    return switch (type) {
      case F16 -> scale -> Math.clamp(rounded(type, scale), 0x1p-24f, 65504);
      case BF16 -> scale -> Math.max(rounded(type, scale), Float.MIN_NORMAL);
      default -> scale -> scale;
    };
  }

  private static float rounded(DType type, float scale) {
    return Tensor.ofFloats(type, Shape.of(), scale).floatAt(0);
  }
}
