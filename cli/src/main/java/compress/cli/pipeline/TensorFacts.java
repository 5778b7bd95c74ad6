package compress.cli.pipeline;

import compress.model.Affine;
import compress.model.Codebook;
import compress.model.Dense;
import compress.model.Hashed;
import compress.model.Model;
import compress.model.Param;
import compress.model.Patched;
import compress.model.Tensor;
import compress.model.Values;
import compress.model.VectorCodebook;

/** Counts over params that make no copy of them. */
public final class TensorFacts {
  private TensorFacts() {}

  /** Entries that are not zero. */
  public static long nonzero(Values values) {
    return switch (values) {
      case Dense(Tensor t) -> nonzero(t);
      case Codebook c -> nonzero(c);
      case Affine _, VectorCodebook _, Hashed _, Patched _ -> {
        long count = 0;
        for (float v : values.toFloats()) {
          count += v == 0 ? 0 : 1;
        }
        yield count;
      }
    };
  }

  private static long nonzero(Tensor tensor) {
    long count = 0;
    for (long i = 0; i < tensor.size(); i++) {
      count += tensor.floatAt(i) == 0 ? 0 : 1;
    }
    return count;
  }

  private static long nonzero(Codebook codebook) {
    float[] shared = codebook.codebook().toFloats();
    long count = 0;
    for (long i = 0; i < codebook.indices().size(); i++) {
      count += shared[codebook.index(i)] == 0 ? 0 : 1;
    }
    return count;
  }

  /** Entries of all float params that are not zero. */
  public static long nonzero(Model model) {
    return model.params().values().stream()
        .filter(p -> p.type().isFloat())
        .mapToLong(p -> nonzero(p.values()))
        .sum();
  }

  /** The share of zeros; 0 for an empty param. */
  public static double sparsity(Param param) {
    return param.size() == 0 ? 0 : 1 - (double) nonzero(param.values()) / param.size();
  }

  /** How the entries are stored, as reports have it. */
  public static String kind(Values values) {
    return switch (values) {
      case Dense d -> "dense";
      case Affine a -> "affine";
      case Codebook c -> "codebook";
      case VectorCodebook v -> "vectors";
      case Hashed h -> "hashed";
      case Patched p -> kind(p.base()) + ", outliers";
    };
  }
}
