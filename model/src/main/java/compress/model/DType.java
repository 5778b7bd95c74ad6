package compress.model;

import java.util.Arrays;
import java.util.Optional;

/**
 * The element types that ONNX and safetensors know, with their numbers and names in both.
 *
 * <p>Types of fewer than 8 bits are packed as ONNX packs them: first element in the low bits, each
 * tensor padded to a whole byte. Multi-byte elements are little-endian.
 *
 * @see <a href="https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3">onnx.proto, DataType</a>
 */
public enum DType {
  F32(1, "F32", 32, Kind.FLOAT),
  U8(2, "U8", 8, Kind.UNSIGNED),
  I8(3, "I8", 8, Kind.SIGNED),
  U16(4, "U16", 16, Kind.UNSIGNED),
  I16(5, "I16", 16, Kind.SIGNED),
  I32(6, "I32", 32, Kind.SIGNED),
  I64(7, "I64", 64, Kind.SIGNED),
  BOOL(9, "BOOL", 8, Kind.UNSIGNED),
  F16(10, "F16", 16, Kind.FLOAT),
  F64(11, "F64", 64, Kind.FLOAT),
  U32(12, "U32", 32, Kind.UNSIGNED),
  U64(13, "U64", 64, Kind.UNSIGNED),
  C64(14, "C64", 64, Kind.COMPLEX),
  C128(15, "C128", 128, Kind.COMPLEX),
  BF16(16, "BF16", 16, Kind.FLOAT),
  F8_E4M3(17, "F8_E4M3", 8, Kind.FLOAT),
  F8_E4M3FNUZ(18, "F8_E4M3FNUZ", 8, Kind.FLOAT),
  F8_E5M2(19, "F8_E5M2", 8, Kind.FLOAT),
  F8_E5M2FNUZ(20, "F8_E5M2FNUZ", 8, Kind.FLOAT),
  U4(21, "U4", 4, Kind.UNSIGNED),
  I4(22, "I4", 4, Kind.SIGNED),
  F4_E2M1(23, "F4", 4, Kind.FLOAT),
  F8_E8M0(24, "F8_E8M0", 8, Kind.FLOAT),
  U2(25, "U2", 2, Kind.UNSIGNED),
  I2(26, "I2", 2, Kind.SIGNED);

  /** What a bit pattern of the type stands for. */
  public enum Kind {
    FLOAT,
    SIGNED,
    UNSIGNED,
    COMPLEX
  }

  private final int onnxCode;
  private final String safetensorsName;
  private final int bits;
  private final Kind kind;

  DType(int onnxCode, String safetensorsName, int bits, Kind kind) {
    this.onnxCode = onnxCode;
    this.safetensorsName = safetensorsName;
    this.bits = bits;
    this.kind = kind;
  }

  /** The number in {@code TensorProto.data_type}. */
  public int onnxCode() {
    return onnxCode;
  }

  /** The string in a safetensors header. */
  public String safetensorsName() {
    return safetensorsName;
  }

  /** Bits an element takes. */
  public int bits() {
    return bits;
  }

  public Kind kind() {
    return kind;
  }

  public boolean isFloat() {
    return kind == Kind.FLOAT;
  }

  public boolean isInteger() {
    return kind == Kind.SIGNED || kind == Kind.UNSIGNED;
  }

  /**
   * Bytes that {@code elements} of this type take, packed.
   *
   * @throws ArithmeticException if that is more than a {@code long} holds
   */
  public long bytesFor(long elements) {
    return bits >= 8
        ? Math.multiplyExact(elements, (long) (bits / 8))
        : Math.ceilDiv(Math.multiplyExact(elements, (long) bits), 8L);
  }

  /** The type with this number in ONNX; empty for strings and for numbers not known here. */
  public static Optional<DType> ofOnnx(int code) {
    return Arrays.stream(values()).filter(t -> t.onnxCode == code).findFirst();
  }

  /** The type with this name in a safetensors header. */
  public static Optional<DType> ofSafetensors(String name) {
    return Arrays.stream(values()).filter(t -> t.safetensorsName.equals(name)).findFirst();
  }
}
