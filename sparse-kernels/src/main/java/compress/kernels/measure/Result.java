package compress.kernels.measure;

import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * One kernel on one case. Times are of one product, in milliseconds; rates in billions of
 * multiplications and additions in a second.
 *
 * @param sparsity the share of products that the kernel leaves out, padding counted as done
 * @param cold whether the weights came from memory
 * @param gflops of the products done
 * @param effectiveGflops as if all products had been done
 * @param baseline the dense rival in 32-bit floats that was fastest in the same run
 * @param speedup the baseline's median over this one's
 * @param roofShare the least time that the machine's peak and memory allow, over the median
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record Result(
    String kernel,
    String layout,
    String pattern,
    double sparsity,
    int bits,
    int m,
    int n,
    int k,
    int threads,
    boolean cold,
    long bytes,
    int samples,
    double medianMs,
    double minMs,
    double maxMs,
    double gflops,
    double effectiveGflops,
    String baseline,
    double baselineMs,
    double speedup,
    double roofShare) {}
