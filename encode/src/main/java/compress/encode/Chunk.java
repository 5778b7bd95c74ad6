package compress.encode;

import java.util.Optional;

/** The elements that are coded in one go: a tensor, or a piece of a large one. */
final class Chunk {
  private final Form form;
  private final byte[] bytes;
  private Optional<Symbols> symbols = Optional.empty();
  private boolean symbolsKnown;

  /**
   * @param bytes packed little-endian elements; not copied
   */
  Chunk(Form form, byte[] bytes) {
    if (bytes.length != form.bytes()) {
      throw new IllegalArgumentException(form + " takes " + form.bytes() + " bytes");
    }
    this.form = form;
    this.bytes = bytes;
  }

  Form form() {
    return form;
  }

  byte[] bytes() {
    return bytes;
  }

  /** The elements as symbols, if they are few enough; see {@link Symbols#of}. */
  Optional<Symbols> symbols() {
    if (!symbolsKnown) {
      symbols = Symbols.of(form, bytes);
      symbolsKnown = true;
    }
    return symbols;
  }

  /** How many elements have a bit that is 1. */
  long nonzero() {
    int bits = form.type().bits();
    long nonzero = 0;
    if (bits < 8) {
      int perByte = 8 / bits;
      for (int i = 0; i < form.elements(); i++) {
        nonzero += (bytes[i / perByte] >>> i % perByte * bits & (1 << bits) - 1) != 0 ? 1 : 0;
      }
      return nonzero;
    }
    int width = bits / 8;
    for (int i = 0; i < bytes.length; i += width) {
      int any = 0;
      for (int b = 0; b < width; b++) {
        any |= bytes[i + b];
      }
      nonzero += any != 0 ? 1 : 0;
    }
    return nonzero;
  }
}
