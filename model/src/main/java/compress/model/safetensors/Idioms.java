package compress.model.safetensors;

import compress.model.Affine;
import compress.model.Codebook;
import compress.model.DType;
import compress.model.Dense;
import compress.model.FormatException;
import compress.model.Granularity;
import compress.model.Param;
import compress.model.Shape;
import compress.model.Tensor;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * How the values of a param are spread over tensors:
 *
 * <ul>
 *   <li>dense: {@code NAME};
 *   <li>codebook: {@code NAME.codebook}, {@code NAME.indices};
 *   <li>affine: {@code NAME} (integers; those of fewer than 8 bits one in a byte, since the format
 *       has no such types), {@code NAME.scale}, {@code NAME.zero_point} if there is one, and in the
 *       metadata {@code NAME.quantization}, one of {@code tensor}, {@code axis:A}, {@code
 *       group:A:SIZE}.
 * </ul>
 */
final class Idioms {
  private static final String CODEBOOK = ".codebook";
  private static final String INDICES = ".indices";
  private static final String SCALE = ".scale";
  private static final String ZERO_POINT = ".zero_point";
  private static final String QUANTIZATION = ".quantization";

  private Idioms() {}

  /** Removes from {@code metadata} what the values now say themselves. */
  static SequencedMap<String, Param> lift(
      Path file, SequencedMap<String, Tensor> tensors, Map<String, String> metadata)
      throws FormatException {
    SequencedMap<String, Param> params = new LinkedHashMap<>();
    Map<String, String> quantized = new HashMap<>();
    for (String name : tensors.keySet()) {
      String granularity = metadata.remove(name + QUANTIZATION);
      if (granularity != null) {
        quantized.put(name, granularity);
      }
    }
    for (Map.Entry<String, Tensor> e : tensors.entrySet()) {
      String name = e.getKey();
      try {
        Tensor codebook =
            name.endsWith(INDICES) ? tensors.get(base(name, INDICES) + CODEBOOK) : null;
        if (codebook != null) {
          String base = base(name, INDICES);
          Codebook c = new Codebook(codebook, e.getValue());
          if (c.largestIndex() >= c.codebook().size()) {
            throw new IllegalArgumentException(
                "index " + c.largestIndex() + " in a codebook of " + c.codebook().size());
          }
          params.put(base, new Param(base, c.codebook().type(), c));
        } else if (quantized.containsKey(name)) {
          Granularity granularity = parse(quantized.get(name));
          Tensor scale = tensors.get(name + SCALE);
          if (scale == null) {
            throw new IllegalArgumentException("is quantized, but has no " + name + SCALE);
          }
          Optional<Tensor> zero = Optional.ofNullable(tensors.get(name + ZERO_POINT));
          params.put(
              name,
              new Param(name, scale.type(), new Affine(e.getValue(), scale, zero, granularity)));
        } else if (!belongsToAnother(name, tensors, quantized)) {
          params.put(name, Param.of(name, e.getValue()));
        }
      } catch (IllegalArgumentException problem) {
        throw new FormatException(
            file, FormatException.NOWHERE, "'" + name + "': " + problem.getMessage(), problem);
      }
    }
    return params;
  }

  private static boolean belongsToAnother(
      String name, Map<String, Tensor> tensors, Map<String, String> quantized) {
    return (name.endsWith(CODEBOOK) && tensors.containsKey(base(name, CODEBOOK) + INDICES))
        || (name.endsWith(SCALE) && quantized.containsKey(base(name, SCALE)))
        || (name.endsWith(ZERO_POINT) && quantized.containsKey(base(name, ZERO_POINT)));
  }

  private static String base(String name, String suffix) {
    return name.substring(0, name.length() - suffix.length());
  }

  /** Adds to {@code metadata} what the tensors cannot say. */
  static SequencedMap<String, Tensor> lower(Iterable<Param> params, Map<String, String> metadata) {
    SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
    for (Param p : params) {
      switch (p.values()) {
        case Dense(Tensor t) -> put(tensors, p.name(), t);
        case Codebook(Tensor codebook, Tensor indices) -> {
          put(tensors, p.name() + CODEBOOK, codebook);
          put(tensors, p.name() + INDICES, indices);
        }
        case Affine(Tensor integers, Tensor scale, Optional<Tensor> zero, Granularity g) -> {
          put(tensors, p.name(), unpacked(integers));
          put(tensors, p.name() + SCALE, scale);
          zero.ifPresent(z -> put(tensors, p.name() + ZERO_POINT, unpacked(z)));
          metadata.put(p.name() + QUANTIZATION, format(g));
        }
      }
    }
    return tensors;
  }

  private static void put(Map<String, Tensor> tensors, String name, Tensor tensor) {
    if (tensors.put(name, tensor) != null) {
      throw new IllegalArgumentException("two tensors would be called '" + name + "'");
    }
  }

  private static Tensor unpacked(Tensor t) {
    if (t.type().bits() >= 8) {
      return t;
    }
    byte[] bytes = new byte[Math.toIntExact(t.size())];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) t.longAt(i);
    }
    DType wide = t.type().kind() == DType.Kind.SIGNED ? DType.I8 : DType.U8;
    return Tensor.of(wide, Shape.of(t.shape().toArray()), bytes);
  }

  private static String format(Granularity granularity) {
    return switch (granularity) {
      case Granularity.PerTensor() -> "tensor";
      case Granularity.PerAxis(int axis) -> "axis:" + axis;
      case Granularity.PerGroup(int axis, int size) -> "group:" + axis + ":" + size;
    };
  }

  private static Granularity parse(String text) {
    String[] parts = text.split(":", -1);
    try {
      if (parts[0].equals("tensor") && parts.length == 1) {
        return new Granularity.PerTensor();
      }
      if (parts[0].equals("axis") && parts.length == 2) {
        return new Granularity.PerAxis(Integer.parseInt(parts[1]));
      }
      if (parts[0].equals("group") && parts.length == 3 && Integer.parseInt(parts[2]) > 0) {
        return new Granularity.PerGroup(Integer.parseInt(parts[1]), Integer.parseInt(parts[2]));
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new IllegalArgumentException(
        "quantization '" + text + "' is none of tensor, axis:A, group:A:SIZE");
  }
}
