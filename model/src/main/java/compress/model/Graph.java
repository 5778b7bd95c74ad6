package compress.model;

import java.util.List;

/**
 * The operations of a network, in an order in which each follows what it reads. Shaped as ONNX has
 * it; the tensors that the nodes read are the params of the {@link Model}.
 *
 * <p>Nodes that only unfold how a param is stored ({@code Cast} of F16 weights, {@code
 * DequantizeLinear} of integer weights, {@code Gather} from a codebook) and {@code Constant} nodes
 * that hold a param are not in the list: the reader lifts them into {@link Values}, the writer puts
 * them back.
 *
 * @param inputs what a caller must give, params not counted
 * @param carried what the file says of the graph beyond this, as the bytes of its message
 */
public record Graph(
    String name,
    List<Node> nodes,
    List<ValueInfo> inputs,
    List<ValueInfo> outputs,
    byte[] carried) {}
