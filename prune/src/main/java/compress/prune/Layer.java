package compress.prune;

import java.util.function.Supplier;

/**
 * One tensor to be pruned, as an {@link Allocation} sees it.
 *
 * @param size number of weights
 * @param weights row-major; may be computed at each call, and must not be changed
 * @param scores what the {@link Criterion} gives for the weights; likewise
 */
public record Layer(String name, long size, Supplier<float[]> weights, Supplier<float[]> scores) {}
