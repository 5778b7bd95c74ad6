/**
 * Which weights stay. A {@link compress.prune.Criterion} scores weights, an {@link
 * compress.prune.Allocation} says how sparse each layer becomes, a {@link
 * compress.prune.SparsityPattern} turns a layer's scores into a {@link compress.model.Mask}, and a
 * {@link compress.prune.Schedule} spreads that over the training; {@link compress.prune.PruneStage}
 * runs the four.
 *
 * <p>To add a pattern: one record here and one line in {@link compress.prune.Patterns}; likewise
 * {@link compress.prune.Criteria} and {@link compress.prune.Allocations}. The command line, {@code
 * --help} and the contract tests find it there. Nothing here knows file formats or kernels.
 */
@NullMarked
package compress.prune;

import org.jspecify.annotations.NullMarked;
