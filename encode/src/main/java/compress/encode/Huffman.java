package compress.encode;

import compress.model.FormatException;
import java.util.Optional;

/** A canonical Huffman code for the elements; no entry is apart from the others. */
final class Huffman implements Coder {
  @Override
  public int id() {
    return 1;
  }

  @Override
  public String name() {
    return "huffman";
  }

  @Override
  public Optional<Coded> encode(Chunk chunk, CoderChoice choice) {
    return chunk.symbols().map(this::encode);
  }

  private Coded encode(Symbols symbols) {
    ByteOutput out = new ByteOutput();
    symbols.writePalette(out);
    Histogram histogram = symbols.histogram();
    write(out, symbols.values(), HuffmanCode.of(histogram));
    return Coded.of(
        this,
        out,
        new Stream(
            "values",
            name(),
            symbols.values().length,
            bitsToTell(histogram.distinct()),
            histogram.entropyBytes(),
            out.size()));
  }

  /** Bits that tell {@code symbols} things apart. */
  static int bitsToTell(int symbols) {
    return symbols < 2 ? 0 : Integer.SIZE - Integer.numberOfLeadingZeros(symbols - 1);
  }

  /** A code's table and {@code symbols} in it, in whole bytes. */
  static void write(ByteOutput out, char[] symbols, HuffmanCode code) {
    BitOutput bits = new BitOutput(out);
    code.writeTable(bits);
    for (char s : symbols) {
      code.write(bits, s);
    }
    bits.align();
  }

  /** Fills {@code symbols} with what {@link #write} wrote. */
  static void read(ByteInput in, char[] symbols, int alphabet) throws FormatException {
    BitInput bits = new BitInput(in);
    HuffmanCode.readTable(bits, in, alphabet).read(bits, symbols);
    bits.align();
  }

  @Override
  public void decode(ByteInput in, Form form, byte[] elements) throws FormatException {
    Symbols symbols = Symbols.readPalette(in, form);
    read(in, symbols.values(), symbols.alphabet());
    in.expectEnd();
    symbols.toElements(elements);
  }
}
