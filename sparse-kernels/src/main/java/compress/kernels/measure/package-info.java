/**
 * How fast the kernels are. {@link compress.kernels.measure.Case} says what to multiply, {@link
 * compress.kernels.measure.Bench} multiplies it with every kernel that takes it, checks the answer,
 * and only then gives a {@link compress.kernels.measure.Result} with its time beside that of the
 * fastest dense rival and its place under the machine's {@link compress.kernels.measure.Roof}.
 * {@link compress.kernels.measure.Dispatcher} picks kernels from such results, kept for each kind
 * of processor in a {@link compress.kernels.measure.TuningFile}.
 *
 * <p>To add a rival: one {@link compress.kernels.measure.Rival} and a line in {@code Bench}.
 */
@NullMarked
package compress.kernels.measure;

import org.jspecify.annotations.NullMarked;
