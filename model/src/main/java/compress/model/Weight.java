package compress.model;

/**
 * A float param and its place in the network.
 *
 * @param role by the first node that reads it as a weight, or else the first that reads it at all
 * @param outputAxis the axis along which entries belong to different outputs: 0 for {@code Conv}
 *     and {@code Gemm} with {@code transB}, 1 for {@code MatMul} and {@code ConvTranspose}; -1 if
 *     there is none
 * @param node the label of that node, {@code conv1/Conv} say; empty without a graph
 */
public record Weight(Param param, Role role, int outputAxis, String node) {
  public String name() {
    return param.name();
  }
}
