package compress.prune;

import java.util.Locale;

/** What a group of weights is worth, by the scores of its weights. */
public enum GroupScore {
  /** Their mean. */
  MEAN,
  /** The largest. */
  MAX,
  /** Their sum: groups at an edge, which are smaller, are worth less. */
  L1,
  /** The root of their square sum. */
  L2;

  /** Sums in double, in the order of the weights. */
  float of(float[] scores, int first, int rows, int rowStride, int columns) {
    double sum = 0;
    double squares = 0;
    float largest = 0;
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        float score = scores[first + r * rowStride + c];
        if (!(score >= 0)) {
          throw new IllegalArgumentException("a score is " + score + ", must be at least 0");
        }
        sum += score;
        squares += (double) score * score;
        largest = Math.max(largest, score);
      }
    }
    double worth =
        switch (this) {
          case MEAN -> sum / ((double) rows * columns);
          case MAX -> largest;
          case L1 -> sum;
          case L2 -> Math.sqrt(squares);
        };
    // A group with something in it must not fall to 0, which what is pruned already has.
    return largest == 0 ? 0 : Math.clamp((float) worth, Float.MIN_VALUE, Float.MAX_VALUE);
  }

  /** As the command line has it, with its colon; nothing for the usual one. */
  String suffix() {
    return this == MEAN ? "" : ":" + name().toLowerCase(Locale.ROOT);
  }

  /**
   * @throws IllegalArgumentException naming those there are
   */
  static GroupScore parse(String name) {
    for (GroupScore score : values()) {
      if (score.name().equalsIgnoreCase(name)) {
        return score;
      }
    }
    throw new IllegalArgumentException(
        "a group is scored by mean, max, l1 or l2, not '" + name + "'");
  }
}
