package compress.model.onnx;

import ai.onnx.proto.OnnxMl.SparseTensorProto;
import compress.model.DType;
import compress.model.FormatException;
import compress.model.Shape;
import compress.model.Tensor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/** Sparse initializers: values and where they stand in a tensor that is zero elsewhere. */
final class SparseTensors {
  private SparseTensors() {}

  /**
   * The whole tensor. Indices are either positions in row-major order, {@code [values]}, or
   * coordinates, {@code [values, rank]}.
   */
  static Tensor unfold(Path file, SparseTensorProto proto, ModelBytes bytes) throws IOException {
    String name = proto.getValues().getName();
    try {
      DType type =
          TensorProtos.type(proto.getValues())
              .orElseThrow(() -> new IllegalArgumentException("sparse tensor of strings"));
      Tensor values = TensorProtos.read(proto.getValues(), type, bytes);
      Tensor indices = TensorProtos.read(proto.getIndices(), DType.I64, bytes);
      Shape shape = Shape.of(proto.getDimsList().stream().mapToLong(Long::longValue).toArray());
      if (type.bits() < 8) {
        throw new IllegalArgumentException("sparse tensor of " + type);
      }
      boolean coordinates = indices.shape().rank() == 2;
      long perValue = coordinates ? shape.rank() : 1;
      if (indices.size() != values.size() * perValue) {
        throw new IllegalArgumentException(
            values.size() + " sparse values with " + indices.size() + " indices");
      }
      int width = type.bits() / 8;
      // Above this the file is tiny and the claim is huge: a lie, or a model we cannot hold anyway.
      if (type.bytesFor(shape.size()) > Integer.MAX_VALUE - 8) {
        throw new IllegalArgumentException("sparse tensor of shape " + shape + " is too large");
      }
      byte[] whole = new byte[Math.toIntExact(type.bytesFor(shape.size()))];
      for (long i = 0; i < values.size(); i++) {
        long position = coordinates ? position(indices, i, shape) : indices.longAt(i);
        if (position < 0 || position >= shape.size()) {
          throw new IllegalArgumentException(
              "sparse value " + i + " stands outside shape " + shape);
        }
        MemorySegment.copy(
            values.data(), i * width, MemorySegment.ofArray(whole), position * width, width);
      }
      return Tensor.of(type, shape, whole);
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new FormatException(
          file, FormatException.NOWHERE, "tensor '" + name + "': " + e.getMessage(), e);
    }
  }

  private static long position(Tensor indices, long value, Shape shape) {
    long position = 0;
    for (int axis = 0; axis < shape.rank(); axis++) {
      long coordinate = indices.longAt(value * shape.rank() + axis);
      if (coordinate < 0 || coordinate >= shape.dim(axis)) {
        return -1;
      }
      position = position * shape.dim(axis) + coordinate;
    }
    return position;
  }
}
