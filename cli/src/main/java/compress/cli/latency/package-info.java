/**
 * How long a network takes for one input, by what can run it here. {@link
 * compress.cli.latency.Latencies} has a Java of its own measure a list of networks in turn, several
 * times over; a {@link compress.cli.latency.NetworkRuntime} runs them.
 *
 * <p>To add a runtime: one class here and its line in {@link compress.cli.latency.NetworkRuntimes}.
 */
@NullMarked
package compress.cli.latency;

import org.jspecify.annotations.NullMarked;
