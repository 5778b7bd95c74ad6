/**
 * A trained network in memory, whatever file it came from. A {@link compress.model.Model} is an
 * optional {@link compress.model.Graph} of {@link compress.model.Node}s and the named {@link
 * compress.model.Param}s that they read. A param says which {@link compress.model.Values} it holds:
 * {@link compress.model.Dense} numbers, {@link compress.model.Affine} integers with a scale, or a
 * {@link compress.model.Codebook}. All of it is immutable; a stage returns a new model that shares
 * what it did not touch.
 *
 * <p>{@link compress.model.ModelFiles} reads and writes; the formats live in {@code
 * compress.model.onnx} and {@code compress.model.safetensors}. {@link compress.model.Weights} finds
 * the params worth compressing.
 *
 * <p>To add a way of storing values: one record beside {@link compress.model.Codebook}, listed in
 * the {@code permits} of {@link compress.model.Values}; the compiler then names each place that
 * must handle it. To add a tensor type: one line in {@link compress.model.DType}.
 */
@NullMarked
package compress.model;

import org.jspecify.annotations.NullMarked;
