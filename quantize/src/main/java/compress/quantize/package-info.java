/**
 * Weights in fewer bits. A {@link compress.quantize.Scheme} turns the weights of one tensor into
 * {@link compress.model.Values}; {@link compress.quantize.QuantizeStage} picks the tensors, runs
 * the scheme on each, measures the {@link compress.quantize.Distortion} and fine-tunes.
 *
 * <p>{@link compress.quantize.KMeans} shares weights: {@link compress.quantize.KMeans1D} clusters
 * them on the line from one of the {@link compress.quantize.Inits}, {@code WeightedKMeans} by how
 * much each matters.
 *
 * <p>{@link compress.quantize.Product} shares runs of weights, {@link
 * compress.quantize.HashedSharing} shares by a hash. {@code Outliers} stay as they are beside any
 * codebook or integers.
 *
 * <p>{@link compress.quantize.Linear} spaces values equally: a {@link compress.quantize.Grouping}
 * says which weights share a scale, a {@link compress.quantize.Range} how far it reaches. {@link
 * compress.quantize.Ternary}, {@link compress.quantize.Binary} and {@link compress.quantize.Float8}
 * have scales too.
 *
 * <p>Around the rounding of each tensor {@link compress.quantize.LinearOptions} ask for more, which
 * {@code LayerwiseQuantizer} does in order: batch normalizations are folded, channels equalized,
 * inputs smoothed ({@code Smoothing}), layers' inputs looked at ({@link
 * compress.train.Calibration}), integers chosen by a {@link compress.quantize.Rounding} ({@link
 * compress.quantize.Gptq}, {@link compress.quantize.AdaRound}), biases corrected, ranges of
 * activations found by a {@link compress.quantize.Calibrator}, the network trained through the
 * rounding, and pairs of {@code QuantizeLinear} and {@code DequantizeLinear} put in. A {@link
 * compress.quantize.BitBudget} finds the bits of each tensor by the {@code Knapsack}.
 *
 * <p>To add a scheme: one record here and one entry in {@link compress.quantize.Schemes}. The
 * command line, {@code --help} and the contract test find it there. To start k-means in another
 * way: one record in {@link compress.quantize.Inits} and its line in the list.
 */
@NullMarked
package compress.quantize;

import org.jspecify.annotations.NullMarked;
