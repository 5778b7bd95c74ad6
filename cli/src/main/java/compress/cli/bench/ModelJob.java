package compress.cli.bench;

import compress.kernels.measure.Timing;

/**
 * A network to be timed in a virtual machine of its own.
 *
 * @param name of the file as the user knows it, for messages
 * @param file an ONNX file
 * @param length of input axes that the network leaves open, the first apart
 * @param turns to measure in, each a part of the plan, when told to
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
    int turns,
    boolean roof) {

  /** Before the first turn. */
  Timing.Plan warmUp() {
    return new Timing.Plan(plan.warmUps(), plan.warmUpMillis(), 1, 0);
  }

  /**
   * One of the turns. First, caches that others have used meanwhile are filled again, and threads
   * that slept find a processor each: with two, runs were twice as slow for some hundredths of a
   * second.
   */
  Timing.Plan turn() {
    return new Timing.Plan(
        Math.min(3, plan.warmUps()),
        Math.min(100, plan.warmUpMillis()),
        Math.ceilDiv(plan.samples(), turns),
        plan.sampleMillis() / turns);
  }

  /** What runs the network. */
  enum Variant {
    /** The bundled runtime, as if no weight were zero or of few bits. */
    DENSE,
    /** The bundled runtime. */
    BUNDLED,
    ONNXRUNTIME
  }
}
