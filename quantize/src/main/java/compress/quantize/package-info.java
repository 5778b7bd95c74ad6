/**
 * Weights in fewer bits. A {@link compress.quantize.Scheme} turns the weights of one tensor into
 * {@link compress.model.Values}; {@link compress.quantize.QuantizeStage} picks the tensors, runs
 * the scheme on each, measures the {@link compress.quantize.Distortion} and fine-tunes.
 *
 * <p>{@link compress.quantize.KMeans} shares weights: {@link compress.quantize.KMeans1D} clusters
 * them on the line from one of the {@link compress.quantize.Inits}.
 *
 * <p>{@link compress.quantize.Linear} spaces values equally: a {@link compress.quantize.Grouping}
 * says which weights share a scale, a {@link compress.quantize.Range} how far it reaches. {@link
 * compress.quantize.Ternary}, {@link compress.quantize.Binary} and {@link compress.quantize.Float8}
 * have scales too.
 *
 * <p>To add a scheme: one record here and one entry in {@link compress.quantize.Schemes}. The
 * command line, {@code --help} and the contract test find it there. To start k-means in another
 * way: one record in {@link compress.quantize.Inits} and its line in the list.
 */
@NullMarked
package compress.quantize;

import org.jspecify.annotations.NullMarked;
