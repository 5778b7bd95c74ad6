/**
 * Nodes that belong together, made one. A {@link compress.runtime.fuse.Fusion} looks at a node and
 * at what its inputs come from, and says which node computes the same; {@link
 * compress.runtime.fuse.Fusions} lists them and applies each to the whole graph, in order.
 *
 * <p>What results are nodes of ONNX, or of the domain {@code compress.fused}: a product with bias
 * as input 2, a residual as input 3 and an attribute {@code activation}.
 */
@NullMarked
package compress.runtime.fuse;

import org.jspecify.annotations.NullMarked;
