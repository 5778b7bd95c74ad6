package compress.model.onnx;

import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.UnsafeByteOperations;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Map;

/**
 * A model's message without the bytes of its tensors: the protobuf library copies what it parses to
 * the heap, and the tensors of a model may be larger than that. In each initializer and each tensor
 * of a node's attribute, {@code raw_data} is replaced by two fields that {@code TensorProto} does
 * not have, which say where in the file the bytes lie.
 */
final class Skeleton {
  private static final int OFFSET = 1000;
  private static final int LENGTH = 1001;

  /** Shorter data stays: saying where it lies takes as much. */
  private static final int SHORTEST = 16;

  /** A message on the way to a tensor, with the fields that lead on. Numbers: see onnx.proto. */
  private record Message(Map<Integer, Message> fields) {
    static final Message TENSOR = new Message(Map.of());
    static final Message ATTRIBUTE = new Message(Map.of(5, TENSOR));
    static final Message NODE = new Message(Map.of(5, ATTRIBUTE));
    static final Message GRAPH = new Message(Map.of(1, NODE, 5, TENSOR));
    static final Message MODEL = new Message(Map.of(7, GRAPH));
  }

  private static final int RAW_DATA = 9;

  private final MemorySegment file;

  private Skeleton(MemorySegment file) {
    this.file = file;
  }

  /** The skeleton of a {@code ModelProto}. */
  static byte[] of(WireReader model, MemorySegment file) throws IOException {
    return new Skeleton(file).copy(model, Message.MODEL);
  }

  private byte[] copy(WireReader from, Message kind) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    while (from.next()) {
      Message inner = kind.fields.get(from.field());
      boolean delimited = from.is(from.field(), WireReader.LENGTH_DELIMITED);
      if (inner != null && delimited) {
        out.writeByteArray(from.field(), copy(from.message(), inner));
      } else if (kind.fields.isEmpty()
          && delimited
          && from.field() == RAW_DATA
          && from.length() >= SHORTEST) {
        out.writeUInt64(OFFSET, from.start());
        out.writeUInt64(LENGTH, from.length());
      } else {
        out.writeLazy(file.asSlice(from.tagStart(), from.end() - from.tagStart()).asByteBuffer());
      }
    }
    out.flush();
    return bytes.toByteArray();
  }

  /** Whether the tensor's bytes were taken out. */
  static boolean lacksData(TensorProto tensor) {
    return tensor.getUnknownFields().hasField(OFFSET);
  }

  /** The bytes that were taken out of {@code tensor}. */
  static MemorySegment data(TensorProto tensor, MemorySegment file) {
    UnknownFieldSet fields = tensor.getUnknownFields();
    long offset = only(fields, OFFSET);
    long length = only(fields, LENGTH);
    if (offset < 0 || length < 0 || offset > file.byteSize() - length) {
      throw new IllegalArgumentException(
          "fields " + OFFSET + " and " + LENGTH + ", which a tensor does not have");
    }
    return file.asSlice(offset, length);
  }

  private static long only(UnknownFieldSet fields, int number) {
    var values = fields.getField(number).getVarintList();
    return values.size() == 1 ? values.getFirst() : -1;
  }

  /** The tensor without the fields that say where its bytes lie. */
  static TensorProto.Builder clean(TensorProto tensor) {
    UnknownFieldSet.Builder fields = tensor.getUnknownFields().toBuilder();
    return tensor.toBuilder()
        .setUnknownFields(fields.clearField(OFFSET).clearField(LENGTH).build());
  }

  /** The tensor as it was. */
  static TensorProto whole(TensorProto tensor, MemorySegment file) {
    if (!lacksData(tensor)) {
      return tensor;
    }
    ByteString raw = UnsafeByteOperations.unsafeWrap(data(tensor, file).asByteBuffer());
    return clean(tensor).setRawData(raw).build();
  }
}
