package compress.cli.bench;

import compress.kernels.measure.Timing;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A network, and in which ways to time it.
 *
 * @param name of the file as the user knows it
 * @param file the network, an ONNX file
 * @param againstName of the dense file as the user knows it
 * @param against the network before it was compressed, an ONNX file; the same network if there is
 *     none
 * @param bundled whether to time the bundled runtime
 * @param onnxRuntime whether to time ONNX Runtime
 * @param length of input axes that the network leaves open, the first apart
 * @param forks virtual machines for each way
 */
public record ModelSweep(
    String name,
    Path file,
    Optional<String> againstName,
    Optional<Path> against,
    boolean bundled,
    boolean onnxRuntime,
    List<Integer> batches,
    List<Integer> threads,
    int length,
    int forks,
    Timing.Plan plan,
    long seed) {}
