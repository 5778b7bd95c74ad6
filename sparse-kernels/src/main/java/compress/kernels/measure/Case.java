package compress.kernels.measure;

import compress.kernels.BankBalanced;
import compress.kernels.Binary;
import compress.kernels.BitPlanes;
import compress.kernels.Blocks;
import compress.kernels.Csr;
import compress.kernels.DenseTiles;
import compress.kernels.Layout;
import compress.kernels.Linear;
import compress.kernels.NofM;
import compress.kernels.Sell;
import compress.kernels.Shared;
import compress.kernels.SharedCsr;
import compress.kernels.WeightMatrix;
import compress.kernels.Windows;
import compress.model.NearestName;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One product to measure: {@code [m, k]} weights times {@code [k, n]} activations.
 *
 * @param pattern {@code dense}, {@code unstructured}, {@code block:RxC}, {@code bank:WIDTH} or
 *     {@code N:M}
 * @param sparsity the share of weights that are zero, for the patterns between; N:M says it itself
 * @param values what a kept weight is: {@code f32}; with pattern dense also {@code int8}, {@code
 *     int4}, {@code int2} and {@code ternary}, each with {@code :GROUP} after it for scales per
 *     group, and {@code binary}; {@code codebook:16} and {@code codebook:256} with pattern dense or
 *     unstructured
 * @param cold whether the weights come from memory each time, else from the nearest cache that
 *     holds them
 */
public record Case(
    int m, int n, int k, String pattern, double sparsity, String values, boolean cold) {
  private static final Pattern BLOCK = Pattern.compile("block:([1-9]\\d{0,4})x([1-9]\\d{0,4})");
  private static final Pattern BANK = Pattern.compile("bank:([1-9]\\d{0,4})");
  private static final Pattern N_OF_M = Pattern.compile("([1-9]\\d?):([1-9]\\d?)");
  private static final Pattern LINEAR =
      Pattern.compile("(int8|int4|int2|ternary)(?::([1-9]\\d{0,6}))?");
  private static final Pattern CODEBOOK = Pattern.compile("codebook:(16|256)");

  private static final List<String> PATTERNS =
      List.of("dense", "unstructured", "block:8x1", "bank:64", "2:4");
  private static final List<String> VALUES =
      List.of("f32", "int8", "int4", "int2", "ternary", "binary", "codebook:16", "codebook:256");

  /**
   * @throws IllegalArgumentException if a name is not known, if no layout holds such values in such
   *     a pattern, or if a number is out of range
   */
  public Case {
    if (m < 1 || n < 1 || k < 1 || !(sparsity >= 0 && sparsity <= 1)) {
      throw new IllegalArgumentException(
          "m %d, n %d, k %d, sparsity %s; sizes from 1, sparsity 0 to 1"
              .formatted(m, n, k, sparsity));
    }
    if ((long) m * k > 1 << 28 || (long) k * n > 1 << 29 || (long) m * n > 1 << 29) {
      throw new IllegalArgumentException(
          "m %d, n %d, k %d; at most 2^28 weights, and 2^29 activations".formatted(m, n, k));
    }
    checkPattern(pattern);
    checkValues(values);
    if (!suits(pattern, values)) {
      throw new IllegalArgumentException(
          "no layout holds %s in pattern %s; patterns hold f32, unstructured also codebooks"
              .formatted(values, pattern));
    }
  }

  /**
   * @throws IllegalArgumentException if there is no such pattern
   */
  public static void checkPattern(String pattern) {
    Matcher bank = BANK.matcher(pattern);
    Matcher nOfM = N_OF_M.matcher(pattern);
    if (bank.matches() && Integer.parseInt(bank.group(1)) > BankBalanced.WIDEST_BANK) {
      throw new IllegalArgumentException(
          "pattern '%s'; banks of 1 to %d columns".formatted(pattern, BankBalanced.WIDEST_BANK));
    }
    if (nOfM.matches()) {
      int most = Integer.parseInt(nOfM.group(2));
      if (Integer.parseInt(nOfM.group(1)) > most || most > 16) {
        throw new IllegalArgumentException("pattern '%s'; from 1:1 to 16:16".formatted(pattern));
      }
    } else if (!List.of("dense", "unstructured").contains(pattern)
        && !BLOCK.matcher(pattern).matches()
        && !bank.matches()) {
      throw new IllegalArgumentException(
          "pattern '%s'; dense, unstructured, block:RxC, bank:WIDTH or N:M".formatted(pattern)
              + NearestName.hint(pattern, PATTERNS));
    }
  }

  /**
   * @throws IllegalArgumentException if there are no such values
   */
  public static void checkValues(String values) {
    if (!VALUES.contains(values) && !LINEAR.matcher(values).matches()) {
      throw new IllegalArgumentException(
          ("values '%s'; f32, int8, int4, int2, ternary (with :GROUP for groups), binary,"
                      + " codebook:16 or codebook:256")
                  .formatted(values)
              + NearestName.hint(values, VALUES));
    }
  }

  /** Whether there is a layout for such values in such a pattern. */
  public static boolean suits(String pattern, String values) {
    return values.equals("f32")
        || pattern.equals("dense")
        || (pattern.equals("unstructured") && CODEBOOK.matcher(values).matches());
  }

  /** Whether the sparsity of a pattern is free, and not said by its name. */
  public static boolean hasSparsity(String pattern) {
    return !pattern.equals("dense") && !N_OF_M.matcher(pattern).matches();
  }

  /** Whether a layout holds the very weights, and not the nearest that its bits can say. */
  boolean isExact() {
    return !LINEAR.matcher(values).matches();
  }

  /** The product of 32-bit floats with all weights, of the same sizes. */
  public Case dense() {
    return new Case(m, n, k, "dense", 0, "f32", cold);
  }

  /** The same weights with as many columns of activations. */
  public Case withColumns(int columns) {
    return new Case(m, columns, k, pattern, sparsity, values, cold);
  }

  /** Random weights of this case, the same for the same seed. */
  public WeightMatrix weights(long seed) {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    float[] w = new float[Math.multiplyExact(m, k)];
    for (int i = 0; i < w.length; i++) {
      w[i] = (float) random.nextGaussian();
      // A kept weight is never 0, or the sparsity would not be what the case says.
      w[i] = w[i] == 0 ? 1 : w[i];
    }
    prune(w, random);
    share(w);
    return new WeightMatrix(w, m, k);
  }

  private void prune(float[] w, RandomGenerator random) {
    Matcher block = BLOCK.matcher(pattern);
    Matcher bank = BANK.matcher(pattern);
    Matcher nOfM = N_OF_M.matcher(pattern);
    if (pattern.equals("unstructured")) {
      pruneBlocks(w, random, 1, 1);
    } else if (block.matches()) {
      pruneBlocks(w, random, Integer.parseInt(block.group(1)), Integer.parseInt(block.group(2)));
    } else if (bank.matches()) {
      int width = Integer.parseInt(bank.group(1));
      pruneRuns(w, random, width, (int) Math.round(width * (1 - sparsity)));
    } else if (nOfM.matches()) {
      pruneRuns(w, random, Integer.parseInt(nOfM.group(2)), Integer.parseInt(nOfM.group(1)));
    }
  }

  /** Keeps each block with the chance that the sparsity leaves it. */
  private void pruneBlocks(float[] w, RandomGenerator random, int blockRows, int blockColumns) {
    for (int r = 0; r < m; r += blockRows) {
      for (int c = 0; c < k; c += blockColumns) {
        if (random.nextDouble() < sparsity) {
          for (int i = r; i < Math.min(m, r + blockRows); i++) {
            Arrays.fill(w, i * k + c, i * k + Math.min(k, c + blockColumns), 0);
          }
        }
      }
    }
  }

  /** Keeps {@code kept} weights of every run of a row. */
  private void pruneRuns(float[] w, RandomGenerator random, int width, int kept) {
    for (int r = 0; r < m; r++) {
      for (int c = 0; c < k; c += width) {
        int columns = Math.min(width, k - c);
        int left = Math.min(kept, columns);
        for (int i = 0; i < columns; i++) {
          // Each set of the size is as likely as any other.
          if (random.nextInt(columns - i) < left) {
            left--;
          } else {
            w[r * k + c + i] = 0;
          }
        }
      }
    }
  }

  private void share(float[] w) {
    Matcher codebook = CODEBOOK.matcher(values);
    if (values.equals("binary")) {
      for (int i = 0; i < w.length; i++) {
        w[i] = w[i] < 0 ? -0.5f : 0.5f;
      }
    } else if (codebook.matches()) {
      // Steps from -4 to 4; with pruned weights, zero is one more value, so one less is left.
      int steps = Integer.parseInt(codebook.group(1)) - 1;
      for (int i = 0; i < w.length; i++) {
        int step = (int) Math.clamp(Math.rint((w[i] + 4) / 8 * (steps - 1)), 0, steps - 1);
        w[i] = w[i] == 0 ? 0 : (step + 0.25f) * 8 / steps - 4;
      }
    }
  }

  /** The weights in every layout that suits the case. */
  public List<Layout> layouts(WeightMatrix w) {
    Matcher linear = LINEAR.matcher(values);
    List<Layout> all = new ArrayList<>();
    if (linear.matches()) {
      int group = linear.group(2) == null ? k : Math.min(k, Integer.parseInt(linear.group(2)));
      Linear packed = linear(w, linear.group(1), group);
      all.add(packed);
      all.add(BitPlanes.pack(packed));
    } else if (values.equals("binary")) {
      Binary packed = Binary.pack(w);
      all.add(packed);
      all.add(BitPlanes.pack(packed));
    } else if (values.startsWith("codebook")) {
      all.add(pattern.equals("dense") ? Shared.pack(w) : SharedCsr.pack(w));
    } else {
      addFloats(w, all);
    }
    return all;
  }

  private void addFloats(WeightMatrix w, List<Layout> all) {
    Matcher block = BLOCK.matcher(pattern);
    Matcher bank = BANK.matcher(pattern);
    Matcher nOfM = N_OF_M.matcher(pattern);
    if (block.matches()) {
      int blockRows = Integer.parseInt(block.group(1));
      all.add(Blocks.pack(w, blockRows, Integer.parseInt(block.group(2))));
    } else if (bank.matches()) {
      int width = Integer.parseInt(bank.group(1));
      all.add(BankBalanced.pack(w, width));
      all.add(Sell.pack(pattern, w, width));
    } else if (nOfM.matches()) {
      int run = Integer.parseInt(nOfM.group(2));
      all.add(NofM.pack(w, Integer.parseInt(nOfM.group(1)), run));
      all.add(Sell.pack(pattern, w, run));
    } else if (pattern.equals("unstructured")) {
      all.add(Csr.pack(w));
      all.add(Sell.pack(w));
      all.add(Windows.pack(w, Windows.NARROW));
      all.add(Windows.pack(w, Windows.WIDE));
    } else {
      all.add(DenseTiles.pack(w));
    }
  }

  private Linear linear(WeightMatrix w, String type, int group) {
    int bits = type.equals("int8") ? 8 : type.equals("int4") ? 4 : 2;
    int zero = type.equals("ternary") ? 1 : 1 << bits - 1;
    int most = type.equals("ternary") ? 2 : (1 << bits) - 1;
    int groups = Math.ceilDiv(k, group);
    float[] scales = new float[m * groups];
    int[] zeros = new int[m * groups];
    Arrays.fill(scales, 4f / Math.max(1, zero));
    Arrays.fill(zeros, zero);
    int[] codes = new int[w.values().length];
    for (int i = 0; i < codes.length; i++) {
      codes[i] = (int) Math.clamp(Math.rint(w.values()[i] / scales[0]) + zero, 0, most);
    }
    return Linear.pack(m, k, bits, group, codes, scales, zeros);
  }

  /** {@code 1024x960x1024 block:8x1 90 % f32, cold}. */
  @Override
  public String toString() {
    return "%dx%dx%d %s %s %s, %s"
        .formatted(
            m,
            n,
            k,
            pattern,
            String.format(Locale.ROOT, "%.4g %%", sparsity * 100),
            values,
            cold ? "cold" : "hot");
  }
}
