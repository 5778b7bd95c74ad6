package compress.model.onnx;

import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import compress.model.DType;
import compress.model.Shape;
import compress.model.Tensor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/** Between {@code TensorProto} and {@link Tensor}. Raw data is not copied in either direction. */
final class TensorProtos {
  private TensorProtos() {}

  /** The tensor's type, or empty if it is one that only travels along: strings, unknown numbers. */
  static Optional<DType> type(TensorProto proto) {
    return DType.ofOnnx(proto.getDataType());
  }

  /**
   * @throws IllegalArgumentException if the message contradicts itself
   */
  static Tensor read(TensorProto proto, DType type, ModelBytes bytes) throws IOException {
    Shape shape = Shape.of(proto.getDimsList().stream().mapToLong(Long::longValue).toArray());
    if (proto.getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
      return new Tensor(type, shape, bytes.external().find(proto, type.bytesFor(shape.size())));
    }
    if (Skeleton.lacksData(proto)) {
      return new Tensor(type, shape, Skeleton.data(proto, bytes.file()));
    }
    if (proto.hasRawData()) {
      return new Tensor(type, shape, segment(proto.getRawData()));
    }
    return new Tensor(type, shape, typedData(proto, type, shape));
  }

  private static MemorySegment segment(ByteString bytes) {
    return bytes.isEmpty()
        ? MemorySegment.ofArray(new byte[0])
        : MemorySegment.ofBuffer(bytes.asReadOnlyByteBuffer());
  }

  /** The fields that hold numbers by type instead of raw bytes: see onnx.proto, TensorProto. */
  private static MemorySegment typedData(TensorProto proto, DType type, Shape shape) {
    long size = shape.size();
    long found =
        switch (type) {
          case F32, C64 -> proto.getFloatDataCount();
          case F64, C128 -> proto.getDoubleDataCount();
          case I64 -> proto.getInt64DataCount();
          case U32, U64 -> proto.getUint64DataCount();
          default -> proto.getInt32DataCount();
        };
    // Types below a byte stand packed in int32_data, one byte in each.
    long expected =
        switch (type) {
          case C64, C128 -> 2 * size;
          case U4, I4, F4_E2M1, U2, I2 -> type.bytesFor(size);
          default -> size;
        };
    if (found != expected) {
      throw new IllegalArgumentException(
          "%s %s needs %d numbers, and the file has %d".formatted(type, shape, expected, found));
    }
    ByteBuffer out =
        ByteBuffer.allocate(Math.toIntExact(type.bytesFor(size))).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < found; i++) {
      switch (type) {
        case F32, C64 -> out.putFloat(proto.getFloatData(i));
        case F64, C128 -> out.putDouble(proto.getDoubleData(i));
        case I64 -> out.putLong(proto.getInt64Data(i));
        case U64 -> out.putLong(proto.getUint64Data(i));
        case U32 -> out.putInt((int) proto.getUint64Data(i));
        case I32 -> out.putInt(proto.getInt32Data(i));
        case I16, U16, F16, BF16 -> out.putShort((short) proto.getInt32Data(i));
        default -> out.put((byte) proto.getInt32Data(i));
      }
    }
    return MemorySegment.ofArray(out.array());
  }

  /** The tensor as raw data under {@code name}. */
  static TensorProto write(String name, Tensor tensor) {
    return describe(name, tensor)
        .setRawData(
            tensor.data().byteSize() == 0
                ? ByteString.EMPTY
                : UnsafeByteOperations.unsafeWrap(tensor.toByteBuffer()))
        .build();
  }

  /** The tensor without its data. */
  static TensorProto.Builder describe(String name, Tensor tensor) {
    TensorProto.Builder proto =
        TensorProto.newBuilder().setName(name).setDataType(tensor.type().onnxCode());
    for (long d : tensor.shape().toArray()) {
      proto.addDims(d);
    }
    return proto;
  }
}
