package compress.encode;

import compress.model.FormatException;
import java.util.Optional;

/**
 * Arithmetic coding by the frequencies of the symbols so far, their neighbours not looked at. Fast,
 * and at most a fraction of a percent above the entropy, also where a symbol takes less than a bit.
 */
final class AdaptiveCoder implements Coder {
  private static final int MOST_BITS = 16;

  @Override
  public int id() {
    return 3;
  }

  @Override
  public String name() {
    return "adaptive";
  }

  @Override
  public Optional<Coded> encode(Chunk chunk, CoderChoice choice) {
    return chunk.symbols().map(this::encode);
  }

  private Coded encode(Symbols symbols) {
    Histogram histogram = symbols.histogram();
    int highest = 0;
    for (int s = 0; s < histogram.alphabet(); s++) {
      highest = histogram.count(s) > 0 ? s : highest;
    }
    ByteOutput out = new ByteOutput();
    symbols.writePalette(out);
    int bits = Huffman.bitsToTell(highest + 1);
    out.writeByte(bits);
    ArithmeticEncoder encoder = new ArithmeticEncoder(out);
    Tree tree = new Tree(bits, 1);
    for (char s : symbols.values()) {
      tree.code(encoder, 0, s);
    }
    encoder.finish();
    return Coded.of(
        this,
        out,
        new Stream(
            "values",
            name(),
            symbols.values().length,
            Huffman.bitsToTell(histogram.distinct()),
            histogram.entropyBytes(),
            out.size()));
  }

  @Override
  public void decode(ByteInput in, Form form, byte[] elements) throws FormatException {
    Symbols symbols = Symbols.readPalette(in, form);
    int bits = in.readByte();
    if (bits > MOST_BITS) {
      throw in.failure("symbols of %d bits, at most %d".formatted(bits, MOST_BITS));
    }
    ArithmeticDecoder decoder = new ArithmeticDecoder(in);
    Tree tree = new Tree(bits, 1);
    int highest = 0;
    for (int i = 0; i < symbols.values().length; i++) {
      int symbol = tree.code(decoder, 0, 0);
      highest = Math.max(highest, symbol);
      symbols.values()[i] = (char) symbol;
    }
    if (highest >= symbols.alphabet()) {
      throw in.failure("symbol %d of %d".formatted(highest, symbols.alphabet()));
    }
    symbols.toElements(elements);
  }
}
