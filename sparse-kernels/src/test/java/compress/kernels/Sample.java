package compress.kernels;

import compress.kernels.Kernel.Activations;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Weights with some structure, in every layout that takes them. */
final class Sample {
  private Sample() {}

  /** Signed weights of about the given share, of magnitudes from 1e-3 to 1e3. */
  static WeightMatrix random(Random random, int rows, int columns, double density) {
    float[] w = new float[rows * columns];
    for (int i = 0; i < w.length; i++) {
      w[i] = random.nextDouble() < density ? value(random) : 0;
    }
    return new WeightMatrix(w, rows, columns);
  }

  static float value(Random random) {
    double magnitude = Math.pow(10, random.nextDouble() * 6 - 3);
    return (float) (random.nextBoolean() ? magnitude : -magnitude);
  }

  /** Weights of at most {@code values} different values beside zero. */
  static WeightMatrix shared(WeightMatrix w, Random random, int values) {
    float[] table = new float[values];
    for (int i = 0; i < values; i++) {
      table[i] = value(random);
    }
    float[] s = w.values().clone();
    for (int i = 0; i < s.length; i++) {
      s[i] = s[i] == 0 ? 0 : table[random.nextInt(values)];
    }
    return new WeightMatrix(s, w.rows(), w.columns());
  }

  static WeightMatrix twoOfFour(WeightMatrix w) {
    float[] s = w.values().clone();
    for (int r = 0; r < w.rows(); r++) {
      int kept = 0;
      for (int c = 0; c < w.columns(); c++) {
        kept = c % 4 == 0 ? 0 : kept;
        if (s[r * w.columns() + c] != 0 && ++kept > 2) {
          s[r * w.columns() + c] = 0;
        }
      }
    }
    return new WeightMatrix(s, w.rows(), w.columns());
  }

  static WeightMatrix binary(Random random, int rows, int columns) {
    float[] w = new float[rows * columns];
    for (int r = 0; r < rows; r++) {
      float scale = Math.abs(value(random));
      for (int c = 0; c < columns; c++) {
        w[r * columns + c] = random.nextBoolean() ? scale : -scale;
      }
    }
    return new WeightMatrix(w, rows, columns);
  }

  static Linear linear(
      Random random, int rows, int columns, int bits, int group, boolean sameZero) {
    int groups = Math.ceilDiv(columns, group);
    int[] codes = random.ints((long) rows * columns, 0, 1 << bits).toArray();
    float[] scales = new float[rows * groups];
    int[] zeros = new int[rows * groups];
    for (int i = 0; i < scales.length; i++) {
      scales[i] = Math.abs(value(random));
      zeros[i] = sameZero ? 1 << bits - 1 : random.nextInt(1 << bits);
    }
    return Linear.pack(rows, columns, bits, group, codes, scales, zeros);
  }

  /** Every layout, from weights of about this density. */
  static List<Layout> layouts(Random random, int rows, int columns, double density) {
    WeightMatrix w = random(random, rows, columns, density);
    List<Layout> all = new ArrayList<>();
    all.add(DenseTiles.pack(w));
    all.add(Csr.pack(w));
    all.add(Csr.pack(w, 13));
    all.add(Sell.pack(w));
    all.add(Sell.pack("bank:30", w, 30));
    for (int[] block : new int[][] {{8, 1}, {16, 1}, {4, 1}, {3, 2}, {8, 4}, {4, 3}, {16, 16}}) {
      all.add(Blocks.pack(w, block[0], block[1]));
    }
    for (int bank : new int[] {1, 4, 16, 30, 128, 256}) {
      all.add(BankBalanced.pack(w, bank));
    }
    all.add(NofM.pack(twoOfFour(w), 2, 4));
    all.add(NofM.pack(w, 3, 3));
    all.add(NofM.pack(w, 8, 8));
    all.add(Windows.pack(w, Windows.NARROW));
    all.add(Windows.pack(w, Windows.WIDE));
    all.add(Shared.pack(shared(w, random, 15)));
    all.add(Shared.pack(shared(w, random, 255)));
    all.add(SharedCsr.pack(shared(w, random, 256)));
    Binary binary = Binary.pack(binary(random, rows, columns));
    all.add(binary);
    all.add(BitPlanes.pack(binary));
    for (int bits : new int[] {2, 4, 8}) {
      for (int group : new int[] {columns, Math.min(columns, 32), Math.min(columns, 5)}) {
        Linear linear = linear(random, rows, columns, bits, group, random.nextBoolean());
        all.add(linear);
        all.add(BitPlanes.pack(linear));
      }
    }
    return all;
  }

  /** Activations that start {@code offset} floats after a cache line. */
  static Matrix activations(Random random, int rows, int columns, int offset) {
    Matrix m = atOffset(rows, columns, offset);
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        m.set(r, c, value(random));
      }
    }
    return m;
  }

  static Matrix atOffset(int rows, int columns, int offset) {
    long bytes = 4L * rows * columns;
    return new Matrix(
        OffHeap.allocate(bytes + 4L * offset).asSlice(4L * offset, bytes), rows, columns);
  }

  /** What a kernel of this kind takes the activations for. */
  static double[][] seenBy(Activations kind, Matrix x) {
    double[][] seen = new double[x.rows()][x.columns()];
    for (int c = 0; c < x.columns(); c++) {
      Int8Column int8 = Int8Column.of(x, c);
      SignColumn sign = SignColumn.of(x, c);
      for (int r = 0; r < x.rows(); r++) {
        seen[r][c] =
            switch (kind) {
              case F32 -> x.at(r, c);
              case INT8 -> (double) int8.values()[r] * int8.scale();
              case SIGN -> (sign.bits()[r / 32] >>> r % 32 & 1) == 1 ? sign.scale() : -sign.scale();
            };
      }
    }
    return seen;
  }
}
