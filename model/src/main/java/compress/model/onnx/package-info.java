/**
 * The ONNX format, the only place that knows its protobuf messages. {@link
 * compress.model.onnx.OnnxReader} maps a file and gives a {@link compress.model.Model} whose
 * tensors are views of it; {@link compress.model.onnx.OnnxWriter} does the reverse. What the model
 * types do not say travels in their {@code carried} bytes, as the message with the said fields
 * cleared, so a file that is read and written again loses nothing. {@link
 * compress.model.onnx.Lifting} and {@link compress.model.onnx.Lowering} translate between params
 * and the nodes that unfold them. {@link compress.model.onnx.OnnxLayout} finds the tensors' bytes
 * without interpreting anything else. {@link compress.model.onnx.Opsets} knows from which operator
 * set on ONNX can say a thing, and rewrites a graph in a later one.
 *
 * <p>To add an idiom: a case in {@code Lifting}, one in {@code Lowering}, one in the round-trip
 * test.
 */
@NullMarked
package compress.model.onnx;

import org.jspecify.annotations.NullMarked;
