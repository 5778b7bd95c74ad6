package compress.encode;

import java.util.Arrays;

/** How often each symbol occurs. */
final class Histogram {
  private final long[] counts;
  private long total;

  /**
   * @param alphabet symbols are 0 to {@code alphabet - 1}
   */
  Histogram(int alphabet) {
    counts = new long[alphabet];
  }

  static Histogram of(char[] symbols, int alphabet) {
    Histogram histogram = new Histogram(alphabet);
    for (char s : symbols) {
      histogram.counts[s]++;
    }
    histogram.total = symbols.length;
    return histogram;
  }

  void add(int symbol, long times) {
    counts[symbol] += times;
    total += times;
  }

  int alphabet() {
    return counts.length;
  }

  long count(int symbol) {
    return counts[symbol];
  }

  long total() {
    return total;
  }

  long[] counts() {
    return counts.clone();
  }

  /** How many symbols occur at all. */
  int distinct() {
    return (int) Arrays.stream(counts).filter(c -> c > 0).count();
  }

  /** The symbol that occurs most; of several the lowest. */
  int mostFrequent() {
    int best = 0;
    for (int s = 1; s < counts.length; s++) {
      best = counts[s] > counts[best] ? s : best;
    }
    return best;
  }

  /**
   * The fewest bytes, on average, for symbols drawn with these frequencies one independently of the
   * other: Shannon's entropy of order 0. A code that knows more about them than their frequencies
   * may take less.
   */
  double entropyBytes() {
    double nats = 0;
    for (long c : counts) {
      nats += c == 0 ? 0 : c * Math.log((double) total / c);
    }
    return nats / Math.log(2) / Byte.SIZE;
  }
}
