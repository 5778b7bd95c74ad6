package compress.model.safetensors;

import compress.model.Affine;
import compress.model.Codebook;
import compress.model.DType;
import compress.model.Dense;
import compress.model.FormatException;
import compress.model.Granularity;
import compress.model.Hashed;
import compress.model.Param;
import compress.model.Patched;
import compress.model.Shape;
import compress.model.Tensor;
import compress.model.Values;
import compress.model.VectorCodebook;
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
 *   <li>codebook of vectors: the same with a matrix, and {@code NAME.shape}, integers of 64 bits;
 *   <li>hashed: {@code NAME.buckets}, {@code NAME.shape}, and the seed in the metadata as {@code
 *       NAME.hash};
 *   <li>outliers beside another way: {@code NAME.places}, {@code NAME.outliers}, and the base as a
 *       param called {@code NAME};
 *   <li>affine: {@code NAME} (integers; those of fewer than 8 bits one in a byte, since the format
 *       has no such types), {@code NAME.scale}, {@code NAME.zero_point} if there is one, and in the
 *       metadata {@code NAME.quantization}, one of {@code tensor}, {@code axis:A}, {@code
 *       group:A:SIZE}.
 * </ul>
 */
final class Idioms {
  private static final String CODEBOOK = ".codebook";
  private static final String INDICES = ".indices";
  private static final String SHAPE = ".shape";
  private static final String BUCKETS = ".buckets";
  private static final String HASH = ".hash";
  private static final String PLACES = ".places";
  private static final String OUTLIERS = ".outliers";
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
          put(params, tensors, base, codebook.type(), codebook(base, codebook, e, tensors));
        } else if (name.endsWith(BUCKETS) && metadata.containsKey(base(name, BUCKETS) + HASH)) {
          String base = base(name, BUCKETS);
          int seed = Integer.parseInt(metadata.getOrDefault(base + HASH, ""));
          metadata.remove(base + HASH);
          Hashed hashed = new Hashed(e.getValue(), seed, shape(base, tensors));
          put(params, tensors, base, e.getValue().type(), hashed);
        } else if (quantized.containsKey(name)) {
          Granularity granularity = parse(quantized.get(name));
          Tensor scale = tensors.get(name + SCALE);
          if (scale == null) {
            throw new IllegalArgumentException("is quantized, but has no " + name + SCALE);
          }
          Optional<Tensor> zero = Optional.ofNullable(tensors.get(name + ZERO_POINT));
          Affine affine = new Affine(e.getValue(), scale, zero, granularity);
          put(params, tensors, name, scale.type(), affine);
        } else if (!belongsToAnother(name, tensors, quantized)) {
          put(params, tensors, name, e.getValue().type(), new Dense(e.getValue()));
        }
      } catch (IllegalArgumentException problem) {
        throw new FormatException(
            file, FormatException.NOWHERE, "'" + name + "': " + problem.getMessage(), problem);
      }
    }
    return params;
  }

  private static Values codebook(
      String base, Tensor codebook, Map.Entry<String, Tensor> indices, Map<String, Tensor> all) {
    boolean vectors = codebook.shape().rank() == 2;
    int largest;
    Values values;
    if (vectors) {
      VectorCodebook v = new VectorCodebook(codebook, indices.getValue(), shape(base, all));
      largest = v.largestIndex();
      values = v;
    } else {
      Codebook c = new Codebook(codebook, indices.getValue());
      largest = c.largestIndex();
      values = c;
    }
    long size = codebook.shape().dim(0);
    if (largest >= size) {
      throw new IllegalArgumentException("index " + largest + " in a codebook of " + size);
    }
    return values;
  }

  private static Shape shape(String base, Map<String, Tensor> tensors) {
    Tensor shape = tensors.get(base + SHAPE);
    if (shape == null || shape.type() != DType.I64) {
      throw new IllegalArgumentException("has no integers of 64 bits called " + base + SHAPE);
    }
    return Shape.of(shape.toLongs());
  }

  /** Adds the param, with its outliers if there are any. */
  private static void put(
      Map<String, Param> params,
      Map<String, Tensor> tensors,
      String name,
      DType type,
      Values base) {
    Tensor places = tensors.get(name + PLACES);
    Tensor outliers = tensors.get(name + OUTLIERS);
    Values values = places != null && outliers != null ? new Patched(base, places, outliers) : base;
    params.put(name, new Param(name, type, values));
  }

  /** Whether {@code tensors} has a param {@code base} that outliers or a shape belong to. */
  private static boolean isParam(String base, Map<String, Tensor> tensors) {
    return tensors.containsKey(base)
        || tensors.containsKey(base + INDICES)
        || tensors.containsKey(base + BUCKETS);
  }

  private static boolean belongsToAnother(
      String name, Map<String, Tensor> tensors, Map<String, String> quantized) {
    boolean outliers =
        name.endsWith(PLACES) && tensors.containsKey(base(name, PLACES) + OUTLIERS)
            || name.endsWith(OUTLIERS) && tensors.containsKey(base(name, OUTLIERS) + PLACES);
    if (outliers && isParam(base(name, name.endsWith(PLACES) ? PLACES : OUTLIERS), tensors)) {
      return true;
    }
    boolean shaped =
        name.endsWith(SHAPE)
            && (tensors.containsKey(base(name, SHAPE) + INDICES)
                || tensors.containsKey(base(name, SHAPE) + BUCKETS));
    return shaped
        || (name.endsWith(CODEBOOK) && tensors.containsKey(base(name, CODEBOOK) + INDICES))
        || (name.endsWith(SCALE) && quantized.containsKey(base(name, SCALE)))
        || (name.endsWith(ZERO_POINT) && quantized.containsKey(base(name, ZERO_POINT)));
  }

  private static String base(String name, String suffix) {
    return name.substring(0, name.length() - suffix.length());
  }

  /** Adds to {@code metadata} what the tensors cannot say. */
  static SequencedMap<String, Tensor> lower(Iterable<Param> params, Map<String, String> metadata) {
    SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
    params.forEach(p -> lower(p.name(), p.values(), tensors, metadata));
    return tensors;
  }

  private static void lower(
      String name, Values values, Map<String, Tensor> tensors, Map<String, String> metadata) {
    switch (values) {
      case Dense(Tensor t) -> put(tensors, name, t);
      case VectorCodebook(Tensor codebook, Tensor indices, Shape shape) -> {
        put(tensors, name + CODEBOOK, codebook);
        put(tensors, name + INDICES, indices);
        put(tensors, name + SHAPE, dims(shape));
      }
      case Hashed(Tensor buckets, int seed, Shape shape) -> {
        put(tensors, name + BUCKETS, buckets);
        put(tensors, name + SHAPE, dims(shape));
        metadata.put(name + HASH, Integer.toString(seed));
      }
      case Patched(Values base, Tensor places, Tensor outliers) -> {
        lower(name, base, tensors, metadata);
        put(tensors, name + PLACES, places);
        put(tensors, name + OUTLIERS, outliers);
      }
      case Codebook(Tensor codebook, Tensor indices) -> {
        put(tensors, name + CODEBOOK, codebook);
        put(tensors, name + INDICES, indices);
      }
      case Affine(Tensor integers, Tensor scale, Optional<Tensor> zero, Granularity g) -> {
        put(tensors, name, unpacked(integers));
        put(tensors, name + SCALE, scale);
        zero.ifPresent(z -> put(tensors, name + ZERO_POINT, unpacked(z)));
        metadata.put(name + QUANTIZATION, format(g));
      }
    }
  }

  private static Tensor dims(Shape shape) {
    return Tensor.ofLongs(Shape.of(shape.rank()), shape.toArray());
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
