package compress.cli.latency;

import compress.kernels.measure.Timing;
import java.util.List;

/**
 * What a {@link LatencyFork} is to measure.
 *
 * @param files ONNX
 * @param batch the length of open first axes
 * @param rounds through all files
 * @param plan of one round of one file
 */
record LatencyOrder(List<String> files, long batch, int threads, int rounds, Timing.Plan plan) {}
