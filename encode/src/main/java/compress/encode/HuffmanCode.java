package compress.encode;

import compress.model.FormatException;
import java.util.Arrays;

/**
 * A canonical Huffman code: only the lengths matter, words of a length are consecutive numbers in
 * the order of their symbols, and shorter words come first.
 *
 * <p>With no symbol or with one there is nothing to tell apart: the table names the one symbol, and
 * codes take no bits.
 */
final class HuffmanCode {
  /** Longest code word, in bits. Enough for the 65,536 symbols that a {@code char} can be. */
  static final int LONGEST = 20;

  // Words up to this long are decoded by one look at a table of 2^11 entries.
  private static final int QUICK = 11;

  private final byte[] lengths;
  private final int lone;
  private final int[] words;

  private HuffmanCode(byte[] lengths, int lone) {
    this.lengths = lengths;
    this.lone = lone;
    this.words = words(lengths);
  }

  /** An optimal code for symbols that occur as often as {@code histogram} says. */
  static HuffmanCode of(Histogram histogram) {
    return new HuffmanCode(
        HuffmanLengths.of(histogram.counts(), LONGEST), histogram.mostFrequent());
  }

  private static int[] words(byte[] lengths) {
    int[] next = firstWords(lengths);
    int[] words = new int[lengths.length];
    for (int s = 0; s < lengths.length; s++) {
      words[s] = lengths[s] == 0 ? 0 : next[lengths[s]]++;
    }
    return words;
  }

  /** The first word of each length. */
  private static int[] firstWords(byte[] lengths) {
    int[] perLength = perLength(lengths);
    int[] first = new int[LONGEST + 1];
    for (int length = 1; length <= LONGEST; length++) {
      first[length] = first[length - 1] + perLength[length - 1] << 1;
    }
    return first;
  }

  private static int[] perLength(byte[] lengths) {
    int[] perLength = new int[LONGEST + 1];
    for (byte length : lengths) {
      perLength[length] += length == 0 ? 0 : 1;
    }
    return perLength;
  }

  private boolean isTrivial() {
    for (byte length : lengths) {
      if (length != 0) {
        return false;
      }
    }
    return true;
  }

  /** The bits that symbols which occur as often as {@code histogram} says take, without table. */
  long bits(Histogram histogram) {
    long bits = 0;
    for (int s = 0; s < lengths.length; s++) {
      bits += lengths[s] * histogram.count(s);
    }
    return bits;
  }

  void write(BitOutput out, int symbol) {
    out.write(words[symbol], lengths[symbol]);
  }

  /**
   * The lengths in symbol order, each by how it differs from the one before that was not 0: Elias
   * gamma codes 1 for the same, 2 for a run of absent symbols (its length follows), 3 and 4 for one
   * more and one less, and so on. Ends after the last symbol that occurs.
   */
  void writeTable(BitOutput out) {
    boolean trivial = isTrivial();
    out.write(trivial ? 1 : 0, 1);
    if (trivial) {
      out.writeGamma(lone + 1);
      return;
    }
    int last = lengths.length - 1;
    while (lengths[last] == 0) {
      last--;
    }
    out.writeGamma(last + 1);
    int before = initialLength(last + 1);
    for (int s = 0; s <= last; s++) {
      if (lengths[s] == 0) {
        int run = s;
        while (lengths[run] == 0) {
          run++;
        }
        out.writeGamma(2);
        out.writeGamma(run - s);
        s = run - 1;
      } else {
        int change = lengths[s] - before;
        out.writeGamma(change == 0 ? 1 : change > 0 ? 2 * change + 1 : -2 * change + 2);
        before = lengths[s];
      }
    }
  }

  /** What the first length is compared with: the length if all symbols were equally frequent. */
  private static int initialLength(int symbols) {
    return Math.max(1, Integer.SIZE - Integer.numberOfLeadingZeros(symbols - 1));
  }

  /**
   * Reads what {@link #writeTable} wrote.
   *
   * @param alphabet symbols must be less
   * @throws FormatException if the lengths do not fill the code space exactly
   */
  static HuffmanCode readTable(BitInput bits, ByteInput in, int alphabet) throws FormatException {
    boolean trivial = bits.read(1) == 1;
    int last = bits.readGamma() - 1;
    if (last >= alphabet) {
      throw in.failure("Huffman symbol %d of an alphabet of %d".formatted(last, alphabet));
    }
    byte[] lengths = new byte[last + 1];
    if (trivial) {
      return new HuffmanCode(lengths, last);
    }
    int before = initialLength(last + 1);
    for (int s = 0; s <= last; s++) {
      int code = bits.readGamma();
      if (code == 2) {
        int run = bits.readGamma();
        if (run > last - s) {
          throw in.failure("a run of absent Huffman symbols goes past the last symbol");
        }
        s += run - 1;
        continue;
      }
      before += code == 1 ? 0 : code % 2 == 1 ? code / 2 : 1 - code / 2;
      if (before < 1 || before > LONGEST) {
        throw in.failure("a Huffman code of %d bits, must be 1 to %d".formatted(before, LONGEST));
      }
      lengths[s] = (byte) before;
    }
    long filled = 0;
    int[] perLength = perLength(lengths);
    for (int length = 1; length <= LONGEST; length++) {
      filled += (long) perLength[length] << LONGEST - length;
    }
    if (filled != 1L << LONGEST) {
      throw in.failure(
          "Huffman code lengths fill %s of the code space, must be exactly 1"
              .formatted((double) filled / (1L << LONGEST)));
    }
    return new HuffmanCode(lengths, last);
  }

  /** Reads {@code symbols.length} codes. */
  void read(BitInput in, char[] symbols) {
    if (isTrivial()) {
      Arrays.fill(symbols, (char) lone);
      return;
    }
    int[] first = firstWords(lengths);
    int[] perLength = perLength(lengths);
    int[] rankOfFirst = new int[LONGEST + 1];
    for (int length = 1; length <= LONGEST; length++) {
      rankOfFirst[length] = rankOfFirst[length - 1] + perLength[length - 1];
    }
    char[] byRank = byRank(rankOfFirst);
    int[] quick = quickTable();
    for (int i = 0; i < symbols.length; i++) {
      int ahead = in.peek(LONGEST);
      int entry = quick[ahead >>> LONGEST - QUICK];
      if (entry != 0) {
        symbols[i] = (char) (entry >>> 8);
        in.skip(entry & 0xff);
        continue;
      }
      int length = QUICK + 1;
      while ((ahead >>> LONGEST - length) - first[length] >= perLength[length]) {
        length++;
      }
      symbols[i] = byRank[rankOfFirst[length] + (ahead >>> LONGEST - length) - first[length]];
      in.skip(length);
    }
  }

  /** The symbols in the order of their words. */
  private char[] byRank(int[] rankOfFirst) {
    int[] next = rankOfFirst.clone();
    char[] byRank = new char[lengths.length];
    for (int s = 0; s < lengths.length; s++) {
      if (lengths[s] > 0) {
        byRank[next[lengths[s]]++] = (char) s;
      }
    }
    return byRank;
  }

  /** Symbol and length for every start of a word of at most {@link #QUICK} bits, 0 for others. */
  private int[] quickTable() {
    int[] quick = new int[1 << QUICK];
    for (int s = 0; s < lengths.length; s++) {
      if (lengths[s] > 0 && lengths[s] <= QUICK) {
        int from = words[s] << QUICK - lengths[s];
        Arrays.fill(quick, from, from + (1 << QUICK - lengths[s]), s << 8 | lengths[s]);
      }
    }
    return quick;
  }
}
