package compress.cli.bench;

import compress.kernels.measure.Timing;

/**
 * A network to be timed in a virtual machine of its own.
 *
 * @param name of the file as the user knows it, for messages
 * @param file an ONNX file
 * @param length of input axes that the network leaves open, the first apart
 * @param roof whether to measure the machine too
 */
record ModelJob(
    String name,
    String file,
    Variant variant,
    int batch,
    int length,
    int threads,
    Timing.Plan plan,
    long seed,
    boolean roof) {

  /** What runs the network. */
  enum Variant {
    /** The bundled runtime, as if no weight were zero or of few bits. */
    DENSE,
    /** The bundled runtime. */
    BUNDLED,
    ONNXRUNTIME
  }
}
