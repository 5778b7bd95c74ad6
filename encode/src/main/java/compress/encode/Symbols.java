package compress.encode;

import compress.model.DType;
import compress.model.FormatException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;

/**
 * Elements as small numbers. An integer of at most 16 bits, and anything of at most 8, is its own
 * bit pattern. Wider elements, if at most {@link #LARGEST_PALETTE} different ones occur, are their
 * place in a palette: the different bit patterns in the order of the numbers they stand for.
 *
 * @param alphabet symbols are less than this
 * @param palette the bit pattern of each symbol, or empty where symbols are bit patterns
 */
record Symbols(Form form, char[] values, int alphabet, long[] palette) {
  static final int LARGEST_PALETTE = 4096;

  /**
   * Empty if there are too many different elements, or if packed elements leave bits of the last
   * byte over that are not 0.
   */
  static Optional<Symbols> of(Form form, byte[] bytes) {
    char[] values = new char[form.elements()];
    if (!isDirect(form.type())) {
      return Palette.of(form.type(), bytes)
          .map(palette -> new Symbols(form, palette.fill(values), palette.size(), palette.bits()));
    }
    unpack(form.type(), bytes, values);
    if (form.type().bits() < 8) {
      byte[] again = new byte[bytes.length];
      pack(form.type(), values, again);
      if (!Arrays.equals(bytes, again)) {
        return Optional.empty();
      }
    }
    return Optional.of(new Symbols(form, values, directAlphabet(form.type()), new long[0]));
  }

  private static boolean isDirect(DType type) {
    return type.bits() <= 8 || type.bits() == 16 && type.isInteger();
  }

  private static int directAlphabet(DType type) {
    return 1 << type.bits();
  }

  private static void unpack(DType type, byte[] bytes, char[] values) {
    switch (type.bits()) {
      case 16 -> ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asCharBuffer().get(values);
      case 8 -> {
        for (int i = 0; i < values.length; i++) {
          values[i] = (char) (bytes[i] & 0xff);
        }
      }
      default -> {
        int bits = type.bits();
        int perByte = 8 / bits;
        for (int i = 0; i < values.length; i++) {
          values[i] = (char) ((bytes[i / perByte] & 0xff) >>> i % perByte * bits & (1 << bits) - 1);
        }
      }
    }
  }

  private static void pack(DType type, char[] values, byte[] bytes) {
    switch (type.bits()) {
      case 16 -> ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asCharBuffer().put(values);
      case 8 -> {
        for (int i = 0; i < values.length; i++) {
          bytes[i] = (byte) values[i];
        }
      }
      default -> {
        int bits = type.bits();
        int perByte = 8 / bits;
        Arrays.fill(bytes, (byte) 0);
        for (int i = 0; i < values.length; i++) {
          bytes[i / perByte] |= (byte) (values[i] << i % perByte * bits);
        }
      }
    }
  }

  Histogram histogram() {
    return Histogram.of(values, alphabet);
  }

  /** What decoding needs beside the symbols: nothing, or the palette. */
  void writePalette(ByteOutput out) {
    if (palette.length > 0) {
      out.writeVarint(palette.length);
      int bytes = form.type().bits() / 8;
      for (long p : palette) {
        for (int i = 0; i < bytes; i++) {
          out.writeByte((int) (p >>> 8 * i));
        }
      }
    }
  }

  /** Symbols still to be read, of the alphabet and palette that {@link #writePalette} wrote. */
  static Symbols readPalette(ByteInput in, Form form) throws FormatException {
    char[] values = new char[form.elements()];
    if (isDirect(form.type())) {
      return new Symbols(form, values, directAlphabet(form.type()), new long[0]);
    }
    if (form.type().bits() > Long.SIZE) {
      throw in.failure("a palette of " + form.type());
    }
    long[] palette = new long[(int) in.readVarint(LARGEST_PALETTE, "the palette's size")];
    if (palette.length == 0) {
      throw in.failure("an empty palette");
    }
    for (int p = 0; p < palette.length; p++) {
      for (int i = 0; i < form.type().bits() / 8; i++) {
        palette[p] |= (long) in.readByte() << 8 * i;
      }
    }
    return new Symbols(form, values, palette.length, palette);
  }

  /** Turns the symbols back into elements. Every symbol must be less than {@link #alphabet}. */
  void toElements(byte[] elements) {
    if (palette.length == 0) {
      pack(form.type(), values, elements);
      return;
    }
    ByteBuffer buffer = ByteBuffer.wrap(elements).order(ByteOrder.LITTLE_ENDIAN);
    for (char v : values) {
      switch (form.type().bits()) {
        case 16 -> buffer.putShort((short) palette[v]);
        case 32 -> buffer.putInt((int) palette[v]);
        default -> buffer.putLong(palette[v]);
      }
    }
  }
}
