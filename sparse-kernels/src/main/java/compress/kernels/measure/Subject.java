package compress.kernels.measure;

/**
 * What a measurement is of: a kernel or a rival, on one case. Two runs with the same seed have
 * equal subjects, so that what they measured can be put together.
 *
 * @param of what was multiplied; for a rival the dense weights that it was given
 * @param sparsity the share of products that are left out, padding counted as done
 * @param bits that a stored weight takes, without positions, scales and tables
 * @param threads that worked on it
 * @param bytes of weights that one product reads
 * @param products of a weight and an activation that are done
 * @param floats whether these are products of 32-bit floats, which the machine's peak bounds
 * @param baseline whether others are compared with it: dense, in 32-bit floats, nothing rounded
 */
public record Subject(
    String kernel,
    String layout,
    Case of,
    double sparsity,
    int bits,
    int threads,
    long bytes,
    double products,
    boolean floats,
    boolean baseline) {

  /** The least time that the machine's peak and memory allow, in milliseconds. */
  double leastMillis(Roof roof) {
    long moved = bytes + 4L * of.n() * (of.k() + of.m());
    // Integer kernels do no floating-point work: only their bytes bound them here.
    return roof.leastMillis(floats ? 2 * products : 0, moved, of.cold());
  }

  /** Whether {@code other}'s time is one to compare this one's with. */
  boolean isBeside(Subject other) {
    return other.baseline
        && threads == other.threads
        && of.m() == other.of.m()
        && of.n() == other.of.n()
        && of.k() == other.of.k()
        && of.cold() == other.of.cold();
  }
}
