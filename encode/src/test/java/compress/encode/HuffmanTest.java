package compress.encode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import compress.model.FormatException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HuffmanTest {
  private final Random random = new Random(7);

  @Test
  void costsWhatMergingTheTwoRarestCosts() {
    for (int round = 0; round < 200; round++) {
      long[] counts =
          random.longs(2 + random.nextInt(60), 0, 1L << 1 + random.nextInt(12)).toArray();
      if (Arrays.stream(counts).filter(c -> c > 0).count() < 2) {
        continue;
      }
      long merged = 0;
      PriorityQueue<Long> queue = new PriorityQueue<>();
      Arrays.stream(counts).filter(c -> c > 0).forEach(queue::add);
      while (queue.size() > 1) {
        long pair = queue.remove() + queue.remove();
        merged += pair;
        queue.add(pair);
      }
      assertThat(cost(counts, HuffmanLengths.of(counts, HuffmanCode.LONGEST))).isEqualTo(merged);
    }
  }

  /** Every way to give five symbols codes of at most three bits is tried. */
  @Test
  void noCodeWithinTheLimitCostsLess() {
    for (int round = 0; round < 100; round++) {
      long[] counts = random.longs(5, 1, 1L << 1 + random.nextInt(20)).toArray();
      long best = Long.MAX_VALUE;
      for (int choice = 0; choice < 243; choice++) {
        byte[] lengths = new byte[5];
        int space = 0;
        for (int s = 0, rest = choice; s < 5; s++, rest /= 3) {
          lengths[s] = (byte) (1 + rest % 3);
          space += 8 >> lengths[s];
        }
        best = space <= 8 ? Math.min(best, cost(counts, lengths)) : best;
      }
      assertThat(cost(counts, HuffmanLengths.of(counts, 3))).isEqualTo(best);
    }
  }

  @Test
  void limitsCodesOfVeryUnequalCounts() {
    long[] counts = new long[40];
    Arrays.setAll(counts, s -> 1L << s);
    byte[] lengths = HuffmanLengths.of(counts, HuffmanCode.LONGEST);
    int longest = 0;
    for (byte length : lengths) {
      longest = Math.max(longest, length);
    }
    assertThat(longest).isEqualTo(HuffmanCode.LONGEST);
    assertThatThrownBy(() -> HuffmanLengths.of(counts, 5))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void isWithinABitOfTheEntropy() {
    for (int round = 0; round < 50; round++) {
      Histogram histogram = new Histogram(300);
      for (int i = 0; i < 2000; i++) {
        histogram.add((int) Math.abs(random.nextGaussian() * (1 + round)), 1);
      }
      double bits = HuffmanCode.of(histogram).bits(histogram);
      assertThat(bits)
          .isBetween(8 * histogram.entropyBytes() - 1e-6, 8 * histogram.entropyBytes() + 2000);
    }
  }

  @Test
  void aDecoderWrittenFromTheSpecificationReadsIt() {
    for (int round = 0; round < 100; round++) {
      char[] symbols = new char[1 + random.nextInt(400)];
      int spread = 1 + random.nextInt(400);
      for (int i = 0; i < symbols.length; i++) {
        symbols[i] = (char) Math.min(999, (int) Math.abs(random.nextGaussian() * spread));
      }
      ByteOutput out = new ByteOutput();
      Huffman.write(out, symbols, HuffmanCode.of(Histogram.of(symbols, 1000)));
      assertThat(SlowReader.read(out.toByteArray(), symbols.length)).isEqualTo(symbols);
    }
  }

  @Test
  void refusesCodesThatDoNotFillTheSpace() {
    assertThatThrownBy(() -> readTable(1, 1, 1))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("fill 1.5 of the code space, must be exactly 1");
    assertThatThrownBy(() -> readTable(1, 3))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("fill 0.625 of the code space");
    assertThatThrownBy(() -> readTable(21)).isInstanceOf(FormatException.class);
  }

  /** A table that says these lengths. */
  private static void readTable(int... lengths) throws FormatException {
    ByteOutput out = new ByteOutput();
    BitOutput bits = new BitOutput(out);
    bits.write(0, 1);
    bits.writeGamma(lengths.length);
    int before = Math.max(1, 32 - Integer.numberOfLeadingZeros(lengths.length - 1));
    for (int length : lengths) {
      int change = length - before;
      bits.writeGamma(change == 0 ? 1 : change > 0 ? 2 * change + 1 : 2 - 2 * change);
      before = length;
    }
    bits.align();
    ByteInput in = ByteInput.of(Path.of("x"), 0, out.toByteArray());
    HuffmanCode.readTable(new BitInput(in), in, 256);
  }

  private static long cost(long[] counts, byte[] lengths) {
    long cost = 0;
    for (int s = 0; s < counts.length; s++) {
      cost += counts[s] * lengths[s];
    }
    return cost;
  }

  /** One bit at a time, words in a map of strings. */
  private static final class SlowReader {
    private final byte[] bytes;
    private int next;

    private SlowReader(byte[] bytes) {
      this.bytes = bytes;
    }

    static char[] read(byte[] bytes, int count) {
      SlowReader in = new SlowReader(bytes);
      char[] symbols = new char[count];
      boolean lone = in.bit() == 1;
      int last = in.gamma() - 1;
      if (lone) {
        Arrays.fill(symbols, (char) last);
        return symbols;
      }
      Map<String, Integer> words = in.words(last);
      for (int i = 0; i < count; i++) {
        String word = "";
        while (!words.containsKey(word)) {
          word += in.bit();
        }
        symbols[i] = (char) (int) words.get(word);
      }
      return symbols;
    }

    private Map<String, Integer> words(int last) {
      int[] lengths = new int[last + 1];
      int before = 1;
      while (1 << before < last + 1) {
        before++;
      }
      for (int s = 0; s <= last; s++) {
        int code = gamma();
        if (code == 2) {
          s += gamma() - 1;
        } else {
          before += code % 2 == 1 ? code / 2 : -(code - 2) / 2;
          lengths[s] = before;
        }
      }
      Map<String, Integer> words = new HashMap<>();
      int word = 0;
      for (int length = 1; length <= 20; length++) {
        for (int s = 0; s <= last; s++) {
          if (lengths[s] == length) {
            String digits = Integer.toBinaryString(word++);
            words.put("0".repeat(length - digits.length()) + digits, s);
          }
        }
        word <<= 1;
      }
      return words;
    }

    private int bit() {
      int bit = bytes[next / 8] >> 7 - next % 8 & 1;
      next++;
      return bit;
    }

    private int gamma() {
      int more = 0;
      while (bit() == 0) {
        more++;
      }
      int number = 1;
      for (int i = 0; i < more; i++) {
        number = 2 * number + bit();
      }
      return number;
    }
  }
}
