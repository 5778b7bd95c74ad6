package compress.runtime.op;

import compress.kernels.BankBalanced;
import compress.kernels.Binary;
import compress.kernels.Blocks;
import compress.kernels.Csr;
import compress.kernels.Layout;
import compress.kernels.Linear;
import compress.kernels.NofM;
import compress.kernels.Sell;
import compress.kernels.Shared;
import compress.kernels.SharedCsr;
import compress.kernels.WeightMatrix;
import compress.kernels.Windows;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The layouts that fit what is in some weights, beside the dense one: found by looking, so that a
 * file need not say how it was pruned. A pattern counts if its layout would be at least {@value
 * #FULL_PERCENT} % full.
 */
final class Candidates {
  /** With fewer zeros no sparse kernel is faster than the dense one. */
  private static final double WORTH = 0.3;

  private static final int FULL_PERCENT = 90;

  private static final int[] BANKS = {16, 32, 64, 128, 256};
  private static final int MOST_SHARED = 256;

  /** Columns up to which kernels for few columns run. */
  private static final int FEW = 16;

  /** Columns from which on a vector of them may be worth it. */
  private static final int FEWEST_FOR_A_PANEL = 4;

  private Candidates() {}

  /**
   * @param linear the same weights as integers, if they are stored so
   * @param columns of activations; decides which layouts have a kernel
   */
  static List<Layout> of(WeightMatrix w, @Nullable Linear linear, int columns) {
    List<Layout> found = new ArrayList<>();
    if (linear != null) {
      found.add(linear);
    }
    double sparsity = 1 - (double) w.nonZeros() / w.values().length;
    boolean sparse = sparsity >= WORTH;
    boolean few = columns <= FEW;
    int different = different(w.values());
    if (different <= MOST_SHARED && !sparse) {
      found.add(Shared.pack(w));
    }
    if (different <= MOST_SHARED && sparse) {
      found.add(SharedCsr.pack(w));
    }
    if (!sparse && hasOneMagnitudeInARow(w)) {
      found.add(Binary.pack(w));
    }
    if (!sparse) {
      return found;
    }
    for (int height : new int[] {8, 4}) {
      if (fullStrips(w, height)) {
        found.add(Blocks.pack(w, height, 1));
        break;
      }
    }
    boolean twoOfFour = isAtMost(w, 2, 4);
    int bank = bank(w);
    if (few && twoOfFour) {
      found.add(NofM.pack(w, 2, 4));
    }
    if (few && bank > 0) {
      found.add(BankBalanced.pack(w, bank));
    }
    if (few) {
      found.add(Windows.pack(w, Windows.NARROW));
      found.add(Windows.pack(w, Windows.WIDE));
      found.add(Csr.pack(w));
    }
    if (columns >= FEWEST_FOR_A_PANEL && twoOfFour) {
      found.add(Sell.pack("2:4", w, 4));
    } else if (columns >= FEWEST_FOR_A_PANEL) {
      found.add(bank > 0 ? Sell.pack("bank:" + bank, w, bank) : Sell.pack(w));
    }
    return found;
  }

  /** How many different weights there are, or more than {@link #MOST_SHARED}. */
  private static int different(float[] values) {
    Set<Float> seen = new HashSet<>();
    for (float v : values) {
      if (seen.add(v) && seen.size() > MOST_SHARED) {
        break;
      }
    }
    return seen.size();
  }

  private static boolean hasOneMagnitudeInARow(WeightMatrix w) {
    for (int r = 0; r < w.rows(); r++) {
      for (int c = 1; c < w.columns(); c++) {
        if (Math.abs(w.at(r, c)) != Math.abs(w.at(r, 0))) {
          return false;
        }
      }
    }
    return true;
  }

  /** Whether weights come in columns of so many rows, nearly all of which are there. */
  private static boolean fullStrips(WeightMatrix w, int height) {
    long cells = 0;
    for (int first = 0; first < w.rows(); first += height) {
      int end = Math.min(w.rows(), first + height);
      for (int c = 0; c < w.columns(); c++) {
        boolean any = false;
        for (int r = first; r < end && !any; r++) {
          any = w.at(r, c) != 0;
        }
        cells += any ? height : 0;
      }
    }
    return isFull(w, cells);
  }

  private static boolean isFull(WeightMatrix w, long cells) {
    return 100 * w.nonZeros() >= FULL_PERCENT * cells;
  }

  private static boolean isAtMost(WeightMatrix w, int n, int m) {
    return most(w, m) <= n;
  }

  /** The most weights in a run of {@code width} columns of a row. */
  private static int most(WeightMatrix w, int width) {
    int most = 0;
    for (int r = 0; r < w.rows(); r++) {
      for (int from = 0; from < w.columns(); from += width) {
        int kept = 0;
        for (int c = from; c < Math.min(w.columns(), from + width); c++) {
          kept += w.at(r, c) != 0 ? 1 : 0;
        }
        most = Math.max(most, kept);
      }
    }
    return most;
  }

  /** The narrowest bank that all rows fill alike, or 0. */
  private static int bank(WeightMatrix w) {
    for (int width : BANKS) {
      long cells = (long) w.rows() * Math.ceilDiv(w.columns(), width) * most(w, width);
      if (width < w.columns() && isFull(w, cells)) {
        return width;
      }
    }
    return 0;
  }
}
