package compress.model;

/**
 * How the entries of a {@link Param} are stored. A pruned entry is a stored zero in each of them,
 * so a mask needs no storage of its own: {@link Param#mask} reads it off.
 */
public sealed interface Values permits Dense, Affine, Codebook, VectorCodebook, Hashed, Patched {
  Shape shape();

  /** The numbers these stand for, as F32, in row-major order. A fresh array. */
  float[] toFloats();

  /** Bits an entry takes before entropy coding, scales and tables not counted. */
  int bits();
}
