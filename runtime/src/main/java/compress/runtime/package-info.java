/**
 * Runs ONNX graphs on the kernels of {@code compress.kernels}. A {@link compress.runtime.Program}
 * holds a network and its packed weights; for inputs of certain shapes it makes a {@link
 * compress.runtime.Plan}, a list of {@link compress.runtime.Step}s that work in one block of
 * memory.
 *
 * <p>Planning goes through the nodes once. What is constant is computed then and there; a node
 * whose shapes depend on numbers that only a run will tell (and the body of a loop) is planned as
 * it runs; all others become steps. What each operator does is in {@code compress.runtime.op}.
 */
@NullMarked
package compress.runtime;

import org.jspecify.annotations.NullMarked;
