/**
 * Which weights stay. A {@link compress.prune.Criterion} scores weights, an {@link
 * compress.prune.Allocation} says how sparse each layer becomes, a {@link
 * compress.prune.SparsityPattern} turns a layer's scores into a {@link compress.model.Mask}, and a
 * {@link compress.prune.Schedule} spreads that over the training; {@link compress.prune.PruneStage}
 * runs the four. Patterns see every weight with its outputs first, whatever the file's order:
 * {@link compress.prune.OutputsFirst}.
 *
 * <p>Some criteria must look at the network first, which {@link compress.prune.Evidences} does for
 * them; {@link compress.prune.Reconstruction} prunes layer by layer and lets the weights that stay
 * make up for those that go. {@link compress.prune.Sensitivity} measures what each layer can spare.
 *
 * <p>What is pruned is found by {@code Prunable}; {@link compress.prune.Spared} says which layers
 * stay whole unless they are named.
 *
 * <p>To add a pattern: one record here and one line in {@link compress.prune.Patterns}; likewise
 * {@link compress.prune.Criteria} and {@link compress.prune.Allocations}. The command line, {@code
 * --help} and the contract tests find it there. Nothing here knows file formats or kernels.
 */
@NullMarked
package compress.prune;

import org.jspecify.annotations.NullMarked;
