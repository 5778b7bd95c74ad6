package compress.model;

/** Which weights share one scale and zero point. */
public sealed interface Granularity {
  /** All of them. */
  record PerTensor() implements Granularity {}

  /** Those with the same index along {@code axis}: one scale for each index. */
  record PerAxis(int axis) implements Granularity {}

  /**
   * Runs of {@code size} along {@code axis}: {@code [8, 16]} with axis 1 and size 4 has scales
   * {@code [8, 4]}. A last run may be shorter.
   */
  record PerGroup(int axis, int size) implements Granularity {}
}
