package compress.runtime;

import java.util.List;

/**
 * One step of a network as it is run, for tables and for measurements.
 *
 * @param number from 0, in the order in which steps run
 * @param name what the file calls the node that the step ends with
 * @param op the operator; of steps that several nodes were fused into, that which does the work
 * @param products what it multiplies with constant weights; empty for other steps
 */
public record Step(int number, String name, String op, List<Multiplication> products) {
  /**
   * A product {@code [m, k] x [k, n]} with constant weights.
   *
   * @param times how often a run does it
   * @param sparsity the share of weights that are zero; a sparse layout leaves their products out
   * @param layout of the weights, the name of a {@link compress.kernels.Layout}
   * @param pattern as the command line names it
   * @param bits of a weight
   * @param bytes of packed weights
   * @param kernel that multiplies
   */
  public record Multiplication(
      int m,
      int n,
      int k,
      int times,
      double sparsity,
      String layout,
      String pattern,
      int bits,
      long bytes,
      String kernel) {}
}
