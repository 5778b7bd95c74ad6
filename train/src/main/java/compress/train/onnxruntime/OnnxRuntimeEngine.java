package compress.train.onnxruntime;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import compress.model.DType;
import compress.model.FormatException;
import compress.model.Model;
import compress.model.ModelFiles;
import compress.model.Shape;
import compress.model.Tensor;
import compress.model.ValueInfo;
import compress.train.Engine;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.stream.Stream;

/** Runs an ONNX file by ONNX Runtime. */
public final class OnnxRuntimeEngine implements Engine {
  private final OrtEnvironment environment;
  private final OrtSession session;
  private final List<ValueInfo> inputs;
  private final List<String> outputs;

  /**
   * @param threads for one operator
   * @throws FormatException if ONNX Runtime cannot load the file
   * @throws IllegalStateException if ONNX Runtime for this system is not there
   */
  public OnnxRuntimeEngine(Path file, int threads) throws IOException {
    if (!file.toFile().isFile()) {
      throw new FormatException(file, FormatException.NOWHERE, "no such file");
    }
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      this.environment = Environment.get();
      options.setIntraOpNumThreads(threads);
      options.setInterOpNumThreads(1);
      // Warnings about a model are no business of standard error.
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
      this.session = environment.createSession(file.toString(), options);
      this.inputs = session.getInputInfo().values().stream().map(OnnxRuntimeEngine::info).toList();
      this.outputs = List.copyOf(session.getOutputNames());
    } catch (OrtException e) {
      throw new FormatException(
          file,
          FormatException.NOWHERE,
          "ONNX Runtime cannot load it: " + String.valueOf(e.getMessage()).strip(),
          e);
    } catch (LinkageError e) {
      throw new IllegalStateException(
          "ONNX Runtime for this system is missing (%s): com.microsoft.onnxruntime:onnxruntime has"
                  .formatted(e.getMessage())
              + " natives for Linux, macOS and Windows on x64 and arm64",
          e);
    }
  }

  /** Runs a model that is in no file; it is written to one for the time of loading. */
  public static OnnxRuntimeEngine of(Model model, int threads) throws IOException {
    Path folder = Files.createTempDirectory("compress-model");
    try {
      Path file = folder.resolve("model.onnx");
      ModelFiles.write(model, file);
      return new OnnxRuntimeEngine(file, threads);
    } finally {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  private static ValueInfo info(NodeInfo node) {
    if (!(node.getInfo() instanceof TensorInfo tensor)) {
      return new ValueInfo(node.getName(), Optional.empty(), Optional.empty(), new byte[0]);
    }
    List<OptionalLong> dims =
        Arrays.stream(tensor.getShape())
            .mapToObj(d -> d < 0 ? OptionalLong.empty() : OptionalLong.of(d))
            .toList();
    return new ValueInfo(node.getName(), Optional.of(type(tensor)), Optional.of(dims), new byte[0]);
  }

  private static DType type(TensorInfo tensor) {
    // Not by onnxType.value: the Java class numbers the types in an order of its own.
    return switch (tensor.onnxType) {
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT -> DType.F32;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE -> DType.F64;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16 -> DType.F16;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_BFLOAT16 -> DType.BF16;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64 -> DType.I64;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32 -> DType.I32;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT16 -> DType.I16;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8 -> DType.I8;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT64 -> DType.U64;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT32 -> DType.U32;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT16 -> DType.U16;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8 -> DType.U8;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL -> DType.BOOL;
      default -> throw new IllegalArgumentException("tensors of type " + tensor.onnxType);
    };
  }

  @Override
  public String name() {
    return "onnxruntime";
  }

  @Override
  public List<ValueInfo> inputs() {
    return inputs;
  }

  @Override
  public List<String> outputs() {
    return outputs;
  }

  @Override
  public SequencedMap<String, Tensor> run(Map<String, Tensor> given) throws IOException {
    Map<String, OnnxTensor> bound = new LinkedHashMap<>();
    try {
      for (ValueInfo input : inputs) {
        Tensor value = given.get(input.name());
        if (value == null) {
          throw new IllegalArgumentException("input '" + input.name() + "' is missing");
        }
        bound.put(input.name(), bind(value));
      }
      try (OrtSession.Result result = session.run(bound)) {
        SequencedMap<String, Tensor> values = new LinkedHashMap<>();
        for (Map.Entry<String, OnnxValue> output : result) {
          if (!(output.getValue() instanceof OnnxTensor tensor)) {
            throw new IOException(
                "output '" + output.getKey() + "' is a " + output.getValue().getType());
          }
          values.put(output.getKey(), toJava(tensor));
        }
        return values;
      }
    } catch (OrtException e) {
      if (e.getCode() == OrtException.OrtErrorCode.ORT_INVALID_ARGUMENT) {
        throw new IllegalArgumentException("ONNX Runtime: " + e.getMessage(), e);
      }
      throw new IOException("ONNX Runtime: " + e.getMessage(), e);
    } finally {
      bound.values().forEach(OnnxTensor::close);
    }
  }

  private OnnxTensor bind(Tensor value) throws OrtException {
    int bytes = Math.toIntExact(value.data().byteSize());
    ByteBuffer direct = ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    MemorySegment.ofBuffer(direct).copyFrom(value.data());
    OnnxJavaType type =
        switch (value.type()) {
          case F32 -> OnnxJavaType.FLOAT;
          case F64 -> OnnxJavaType.DOUBLE;
          case F16 -> OnnxJavaType.FLOAT16;
          case BF16 -> OnnxJavaType.BFLOAT16;
          case I64 -> OnnxJavaType.INT64;
          case I32 -> OnnxJavaType.INT32;
          case I16 -> OnnxJavaType.INT16;
          case I8 -> OnnxJavaType.INT8;
          case U8 -> OnnxJavaType.UINT8;
          case BOOL -> OnnxJavaType.BOOL;
          default ->
              throw new IllegalArgumentException(
                  "ONNX Runtime takes no inputs of type " + value.type() + " from Java");
        };
    return OnnxTensor.createTensor(environment, direct, value.shape().toArray(), type);
  }

  private static Tensor toJava(OnnxTensor tensor) {
    ByteBuffer bytes = tensor.getByteBuffer();
    byte[] copy = new byte[bytes.remaining()];
    bytes.get(copy);
    return Tensor.of(type(tensor.getInfo()), Shape.of(tensor.getInfo().getShape()), copy);
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime: " + e.getMessage(), e);
    }
  }
}
