package compress.kernels;

import java.lang.foreign.MemorySegment;

/**
 * What weights are multiplied with: one row for each feature, one column for each sample or pixel.
 */
public sealed interface Input permits Matrix, Patches {
  int rows();

  int columns();

  /** Where the numbers lie; never written to. */
  MemorySegment data();
}
