package compress.model.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import compress.model.Attribute;
import compress.model.DType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Between {@code AttributeProto} and {@link Attribute}. */
final class Attributes {
  private Attributes() {}

  static Attribute read(AttributeProto proto, ModelBytes bytes) throws IOException {
    if (!proto.getRefAttrName().isEmpty() || !proto.getDocString().isEmpty()) {
      return carried(proto, bytes);
    }
    // Files before IR version 2 leave the type out: then the field that is there says it.
    switch (proto.getType()) {
      case INT -> {
        return new Attribute.IntValue(proto.getI());
      }
      case FLOAT -> {
        return new Attribute.FloatValue(proto.getF());
      }
      case STRING -> {
        if (proto.getS().isValidUtf8()) {
          return new Attribute.Text(proto.getS().toStringUtf8());
        }
      }
      case INTS -> {
        return new Attribute.Ints(List.copyOf(proto.getIntsList()));
      }
      case FLOATS -> {
        return new Attribute.Floats(List.copyOf(proto.getFloatsList()));
      }
      case STRINGS -> {
        if (proto.getStringsList().stream().allMatch(ByteString::isValidUtf8)) {
          List<String> texts = new ArrayList<>();
          proto.getStringsList().forEach(s -> texts.add(s.toStringUtf8()));
          return new Attribute.Texts(List.copyOf(texts));
        }
      }
      case TENSOR -> {
        Optional<DType> type = TensorProtos.type(proto.getT());
        if (type.isPresent()) {
          return new Attribute.TensorValue(TensorProtos.read(proto.getT(), type.get(), bytes));
        }
      }
      default -> {}
    }
    return carried(proto, bytes);
  }

  private static Attribute carried(AttributeProto proto, ModelBytes bytes) {
    AttributeProto whole =
        proto.hasT()
            ? proto.toBuilder().setT(Skeleton.whole(proto.getT(), bytes.file())).build()
            : proto;
    return new Attribute.Carried(whole.toByteArray());
  }

  static AttributeProto write(String name, Attribute attribute)
      throws InvalidProtocolBufferException {
    AttributeProto.Builder proto = AttributeProto.newBuilder().setName(name);
    switch (attribute) {
      case Attribute.IntValue(long v) -> proto.setType(AttributeProto.AttributeType.INT).setI(v);
      case Attribute.FloatValue(float v) ->
          proto.setType(AttributeProto.AttributeType.FLOAT).setF(v);
      case Attribute.Text(String v) ->
          proto.setType(AttributeProto.AttributeType.STRING).setS(ByteString.copyFromUtf8(v));
      case Attribute.Ints(List<Long> v) ->
          proto.setType(AttributeProto.AttributeType.INTS).addAllInts(v);
      case Attribute.Floats(List<Float> v) ->
          proto.setType(AttributeProto.AttributeType.FLOATS).addAllFloats(v);
      case Attribute.Texts(List<String> v) -> {
        proto.setType(AttributeProto.AttributeType.STRINGS);
        v.forEach(s -> proto.addStrings(ByteString.copyFromUtf8(s)));
      }
      case Attribute.TensorValue(var tensor) ->
          proto.setType(AttributeProto.AttributeType.TENSOR).setT(TensorProtos.write("", tensor));
      case Attribute.Carried(byte[] message) -> {
        return AttributeProto.parseFrom(message);
      }
    }
    return proto.build();
  }
}
