package compress.train.onnxruntime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import compress.model.Shape;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.Map;

/**
 * A model with one input and one output of 32-bit floats that lie where the caller put them. A run
 * copies nothing, so its time is that of the model.
 */
public final class FixedSession implements AutoCloseable {
  /**
   * Floats in row-major order outside the heap.
   *
   * @param name of the model's input or output
   */
  public record Place(String name, Shape shape, MemorySegment data) {}

  private final OrtSession session;
  private final Map<String, OnnxTensor> in;
  private final Map<String, OnnxTensor> out;

  /**
   * @param model the bytes of an ONNX file
   * @param threads for one operator
   * @throws IllegalStateException if ONNX Runtime for this system is not there, or does not take
   *     the model
   */
  public FixedSession(byte[] model, Place input, Place output, int threads) {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      OrtEnvironment environment = Environment.get();
      options.setIntraOpNumThreads(threads);
      options.setInterOpNumThreads(1);
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
      this.session = environment.createSession(model, options);
      this.in = Map.of(input.name, tensor(environment, input));
      this.out = Map.of(output.name, tensor(environment, output));
    } catch (OrtException e) {
      throw new IllegalStateException(
          "ONNX Runtime does not take the model: " + String.valueOf(e.getMessage()).strip(), e);
    } catch (LinkageError e) {
      throw new IllegalStateException(
          "ONNX Runtime for this system is missing (" + e.getMessage() + ")", e);
    }
  }

  private static OnnxTensor tensor(OrtEnvironment environment, Place place) throws OrtException {
    return OnnxTensor.createTensor(
        environment,
        place.data.asByteBuffer().order(ByteOrder.nativeOrder()).asFloatBuffer(),
        place.shape.toArray());
  }

  /** Reads the input, overwrites the output. */
  public void run() {
    try {
      session.run(in, out).close();
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    in.values().forEach(OnnxTensor::close);
    out.values().forEach(OnnxTensor::close);
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime: " + e.getMessage(), e);
    }
  }
}
