/**
 * What {@code compress bench kernels} does: {@link compress.cli.bench.SweepOptions} makes a {@link
 * compress.cli.bench.Sweep} of the options, {@link compress.cli.bench.Forks} has it measured by
 * virtual machines of their own ({@code Fork}), which send a {@code Message} for each step, and
 * joins what they found to a {@link compress.cli.bench.KernelReport}.
 *
 * <p>The measuring itself is in {@code compress.kernels.measure}; here are those rivals that its
 * module may not know.
 */
@NullMarked
package compress.cli.bench;

import org.jspecify.annotations.NullMarked;
