/**
 * Products of compressed weights and activations, as fast as the machine allows. A {@link
 * compress.kernels.Layout} holds weights packed from a param; a {@link compress.kernels.Kernel}
 * multiplies weights of one layout with a {@link compress.kernels.Matrix} of activations, or with
 * the {@link compress.kernels.Patches} that a {@link compress.kernels.Convolution} sees, on {@link
 * compress.kernels.Workers}, and ends with an {@link compress.kernels.Epilogue}; {@link
 * compress.kernels.KernelCatalog} lists the kernels that run here. What each layout looks like is
 * drawn in {@code docs/kernels.md}.
 *
 * <p>Each layout has a plain loop in {@code PlainLoops}; the fast kernels are in {@code
 * compress.kernels.panama}, the only package that knows the Vector API; {@code
 * compress.kernels.measure} says how fast they are. To add a layout: one record here, listed in the
 * {@code permits} of {@link compress.kernels.Layout}, and its plain loop. To add a kernel: one
 * class in {@code panama} and one line in its list; the contract test and the benchmark find it
 * there.
 */
@NullMarked
package compress.kernels;

import org.jspecify.annotations.NullMarked;
