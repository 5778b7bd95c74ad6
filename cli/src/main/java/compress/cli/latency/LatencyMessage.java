package compress.cli.latency;

import org.jspecify.annotations.Nullable;

/**
 * A line that a {@link LatencyFork} prints: one round of one file by one runtime.
 *
 * @param file its place in the order
 * @param millis of each timed run; null if the runtime does not run this network
 * @param remark why it does not
 */
record LatencyMessage(
    int file, String runtime, double @Nullable [] millis, @Nullable String remark) {}
