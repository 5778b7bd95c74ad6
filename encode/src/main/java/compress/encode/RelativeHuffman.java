package compress.encode;

import compress.model.FormatException;
import java.util.Arrays;
import java.util.Optional;

/**
 * Deep Compression's own way: the kept entries in order, each by its distance to the one before and
 * its value, both Huffman coded. A distance of {@code w} bits bridges at most {@code 2^w - 1}
 * pruned entries; where more lie between, a filler entry that has the pruned value is put in. The
 * width is the one for which the chunk takes the fewest bits.
 *
 * <p>The pruned value is the most frequent one; in a codebook's indices, that of zero.
 *
 * @see <a href="https://arxiv.org/abs/1510.00149">Han, Mao and Dally 2016, sections 2 and 4, figure
 *     2</a>
 */
final class RelativeHuffman implements Coder {
  private static final int WIDEST = 16;

  @Override
  public int id() {
    return 2;
  }

  @Override
  public String name() {
    return "relative-huffman";
  }

  @Override
  public Optional<Coded> encode(Chunk chunk, CoderChoice choice) {
    return chunk.symbols().flatMap(this::encode);
  }

  private Optional<Coded> encode(Symbols symbols) {
    Histogram histogram = symbols.histogram();
    int pruned = histogram.mostFrequent();
    // Where a quarter or less is pruned, positions cost more than a short code for it.
    if (4 * histogram.count(pruned) <= histogram.total()) {
      return Optional.empty();
    }
    int[] gaps = gaps(symbols.values(), pruned, histogram.total() - histogram.count(pruned));
    int width = bestWidth(gaps, histogram, pruned);
    return Optional.of(write(symbols, pruned, gaps, width));
  }

  /** How many pruned entries lie before each kept one. */
  private static int[] gaps(char[] values, int pruned, long kept) {
    int[] gaps = new int[(int) kept];
    int entry = 0;
    int last = -1;
    for (int i = 0; i < values.length; i++) {
      if (values[i] != pruned) {
        gaps[entry++] = i - last - 1;
        last = i;
      }
    }
    return gaps;
  }

  private static int bestWidth(int[] gaps, Histogram values, int pruned) {
    int best = 1;
    long fewest = Long.MAX_VALUE;
    int longest = Arrays.stream(gaps).max().orElse(0);
    int widest = Math.clamp(Integer.SIZE - Integer.numberOfLeadingZeros(longest), 1, WIDEST);
    for (int width = 1; width <= widest; width++) {
      Histogram gapCounts = new Histogram(1 << width);
      long fillers = 0;
      for (int gap : gaps) {
        gapCounts.add(gap & (1 << width) - 1, 1);
        fillers += gap >>> width;
      }
      gapCounts.add((1 << width) - 1, fillers);
      Histogram valueCounts = new Histogram(values.alphabet());
      for (int s = 0; s < values.alphabet(); s++) {
        valueCounts.add(s, s == pruned ? fillers : values.count(s));
      }
      long bits = bitsWithTable(gapCounts) + bitsWithTable(valueCounts);
      if (bits < fewest) {
        fewest = bits;
        best = width;
      }
    }
    return best;
  }

  private static long bitsWithTable(Histogram histogram) {
    HuffmanCode code = HuffmanCode.of(histogram);
    ByteOutput table = new ByteOutput();
    BitOutput bits = new BitOutput(table);
    code.writeTable(bits);
    bits.align();
    return 8L * table.size() + code.bits(histogram);
  }

  private Coded write(Symbols symbols, int pruned, int[] gaps, int width) {
    int longest = (1 << width) - 1;
    int fillers = 0;
    for (int gap : gaps) {
      fillers += gap >>> width;
    }
    char[] gapCodes = new char[gaps.length + fillers];
    char[] valueCodes = new char[gaps.length + fillers];
    int entry = 0;
    int position = -1;
    for (int gap : gaps) {
      for (int f = gap >>> width; f > 0; f--) {
        gapCodes[entry] = (char) longest;
        valueCodes[entry++] = (char) pruned;
      }
      gapCodes[entry] = (char) (gap & longest);
      position += gap + 1;
      valueCodes[entry++] = symbols.values()[position];
    }
    ByteOutput out = new ByteOutput();
    out.writeByte(width);
    out.writeVarint(entry);
    Histogram gapCounts = Histogram.of(gapCodes, 1 << width);
    Huffman.write(out, gapCodes, HuffmanCode.of(gapCounts));
    int gapBytes = out.size();
    symbols.writePalette(out);
    out.writeVarint(pruned);
    Histogram valueCounts = Histogram.of(valueCodes, symbols.alphabet());
    Huffman.write(out, valueCodes, HuffmanCode.of(valueCounts));
    int shared = valueCounts.distinct() - (fillers > 0 ? 1 : 0);
    return Coded.of(
        this,
        out,
        new Stream("gaps", name(), entry, width, gapCounts.entropyBytes(), gapBytes),
        new Stream(
            "values",
            name(),
            entry,
            Huffman.bitsToTell(shared),
            valueCounts.entropyBytes(),
            out.size() - gapBytes));
  }

  @Override
  public void decode(ByteInput in, Form form, byte[] elements) throws FormatException {
    int width = in.readByte();
    if (width < 1 || width > WIDEST) {
      throw in.failure("gaps of %d bits, must be 1 to %d".formatted(width, WIDEST));
    }
    char[] gaps = new char[(int) in.readVarint(form.elements(), "the number of entries")];
    Huffman.read(in, gaps, 1 << width);
    Symbols symbols = Symbols.readPalette(in, form);
    int pruned = (int) in.readVarint(symbols.alphabet() - 1, "the pruned value");
    char[] values = new char[gaps.length];
    Huffman.read(in, values, symbols.alphabet());
    in.expectEnd();
    Arrays.fill(symbols.values(), (char) pruned);
    int position = -1;
    for (int entry = 0; entry < gaps.length; entry++) {
      position += gaps[entry] + 1;
      if (position >= form.elements()) {
        throw in.failure(
            "entry %d is at %d of %d elements".formatted(entry, position, form.elements()));
      }
      symbols.values()[position] = values[entry];
    }
    symbols.toElements(elements);
  }
}
