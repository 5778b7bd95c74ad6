package compress.kernels;

import java.util.List;

/**
 * A plain loop for each layout: what the fast kernels are checked against, and what runs where
 * there is no Vector API. One thread, any sizes.
 */
final class PlainLoops {
  private PlainLoops() {}

  static final List<Kernel<?>> ALL =
      List.of(
          plain("dense_f32_gemm", DenseTiles.class, PlainLoops::dense),
          plain("csr_f32_spmm", Csr.class, PlainLoops::csr),
          plain("sell_f32_spmm", Sell.class, PlainLoops::sell),
          plain("block_f32_spmm", Blocks.class, PlainLoops::blocks),
          plain("bank_f32_spmm", BankBalanced.class, PlainLoops::bankBalanced),
          plain("nofm_f32_spmm", NofM.class, PlainLoops::nOfM),
          plain("window_f32_spmm", Windows.class, PlainLoops::windows),
          plain("linear_f32_gemm", Linear.class, PlainLoops::linear),
          plain("binary_f32_gemm", Binary.class, PlainLoops::binary),
          plain("shared_f32_gemm", Shared.class, PlainLoops::shared),
          plain("sharedcsr_f32_spmm", SharedCsr.class, PlainLoops::sharedCsr),
          new Kernel<>(
              "planes_i8_gemm__plain",
              BitPlanes.class,
              Kernel.Activations.INT8,
              Kernel.Needs.any(),
              PlainLoops::planes),
          new Kernel<>(
              "binary_sign_gemm__plain",
              Binary.class,
              Kernel.Activations.SIGN,
              Kernel.Needs.any(),
              PlainLoops::signs));

  private static <L extends Layout> Kernel<L> plain(
      String name, Class<L> layout, Kernel.Multiply<L> body) {
    return new Kernel<>(name + "__plain", layout, Kernel.Activations.F32, Kernel.Needs.any(), body);
  }

  /** The sums of one row of the result. */
  private static final class Sums {
    final float[] sums;
    private final Matrix x;

    Sums(Matrix x) {
      this.x = x;
      this.sums = new float[x.columns()];
    }

    void add(float weight, int column) {
      for (int c = 0; c < sums.length; c++) {
        sums[c] += weight * x.at(column, c);
      }
    }

    void finish(Matrix y, int row, Epilogue epilogue) {
      for (int c = 0; c < sums.length; c++) {
        y.set(row, c, epilogue.apply(sums[c], row, c));
        sums[c] = 0;
      }
    }
  }

  static void dense(DenseTiles w, Matrix x, Matrix y, Epilogue e, Workers workers) {
    Sums sums = new Sums(x);
    for (int r = 0; r < w.rows(); r++) {
      for (int c = 0; c < w.columns(); c++) {
        sums.add(w.at(r, c), c);
      }
      sums.finish(y, r, e);
    }
  }

  static void csr(Csr w, Matrix x, Matrix y, Epilogue e, Workers workers) {
    Sums sums = new Sums(x);
    for (int r = 0; r < w.rows(); r++) {
      for (int s = 0; s < w.slabs(); s++) {
        for (int i = w.start(s, r); i < w.start(s, r + 1); i++) {
          sums.add(w.value(i), s * w.slabWidth() + w.position(i));
        }
      }
      sums.finish(y, r, e);
    }
  }

  static void sell(Sell w, Matrix x, Matrix y, Epilogue e, Workers workers) {
    float[][] sums = new float[w.rows()][x.columns()];
    for (int s = 0; s < w.slabs(); s++) {
      for (int window = 0; window * Sell.WINDOW < w.rows(); window++) {
        for (int p = w.pairAt(s, window); p < w.pairAt(s, window + 1); p++) {
          int first = window * Sell.WINDOW + (w.pairs()[p] & 0xffff);
          int second = window * Sell.WINDOW + (w.pairs()[p] >>> 16);
          for (int i = w.starts()[p]; i < w.starts()[p + 1]; i++) {
            int at = s * w.slabWidth();
            int a = at + (w.positions()[i] & 0xffff);
            int b = at + (w.positions()[i] >>> 16);
            for (int c = 0; c < x.columns(); c++) {
              sums[first][c] += w.values()[2 * i] * x.at(a, c);
              sums[second][c] += w.values()[2 * i + 1] * x.at(b, c);
            }
          }
        }
      }
    }
    for (int r = 0; r < w.rows(); r++) {
      for (int c = 0; c < x.columns(); c++) {
        y.set(r, c, e.apply(sums[r][c], r, c));
      }
    }
  }

  static void blocks(Blocks w, Matrix x, Matrix y, Epilogue e, Workers workers) {
    Sums sums = new Sums(x);
    for (int r = 0; r < w.rows(); r++) {
      int strip = r / w.stripRows();
      for (int i = w.starts()[strip]; i < w.starts()[strip + 1]; i++) {
        sums.add(w.values()[i * w.stripRows() + r % w.stripRows()], w.positions()[i]);
      }
      sums.finish(y, r, e);
    }
  }

  static void bankBalanced(BankBalanced w, Matrix x, Matrix y, Epilogue e, Workers workers) {
    Sums sums = new Sums(x);
    for (int r = 0; r < w.rows(); r++) {
      for (int b = 0; b < w.banks(); b++) {
        for (int entry = 0; entry < w.kept(); entry++) {
          int i = w.index(r, b, entry);
          sums.add(w.value(i), b * w.bankWidth() + w.position(i));
        }
      }
      sums.finish(y, r, e);
    }
  }

  static void nOfM(NofM w, Matrix x, Matrix y, Epilogue e, Workers workers) {
    Sums sums = new Sums(x);
    for (int r = 0; r < w.rows(); r++) {
      for (int entry = 0; entry < w.runs() * w.n(); entry++) {
        int column = w.column(r, entry);
        if (column < w.columns()) {
          sums.add(w.value(r, entry), column);
        }
      }
      sums.finish(y, r, e);
    }
  }

  static void windows(Windows w, Matrix x, Matrix y, Epilogue e, Workers workers) {
    Sums sums = new Sums(x);
    for (int r = 0; r < w.rows(); r++) {
      int row = r % Layout.TILE;
      for (int s = w.starts()[r / Layout.TILE]; s < w.starts()[r / Layout.TILE + 1]; s++) {
        sums.add(w.value(s, row), w.column(s, row));
      }
      sums.finish(y, r, e);
    }
  }

  static void linear(Linear w, Matrix x, Matrix y, Epilogue e, Workers workers) {
    Sums sums = new Sums(x);
    for (int r = 0; r < w.rows(); r++) {
      for (int c = 0; c < w.columns(); c++) {
        int g = c / w.codes().group();
        sums.add((w.codes().code(r, c) - w.zero(r, g)) * w.scale(r, g), c);
      }
      sums.finish(y, r, e);
    }
  }

  static void binary(Binary w, Matrix x, Matrix y, Epilogue e, Workers workers) {
    Sums sums = new Sums(x);
    for (int r = 0; r < w.rows(); r++) {
      for (int c = 0; c < w.columns(); c++) {
        sums.add(w.codes().code(r, c) == 1 ? w.scale(r) : -w.scale(r), c);
      }
      sums.finish(y, r, e);
    }
  }

  static void shared(Shared w, Matrix x, Matrix y, Epilogue e, Workers workers) {
    Sums sums = new Sums(x);
    for (int r = 0; r < w.rows(); r++) {
      for (int c = 0; c < w.columns(); c++) {
        sums.add(w.value(w.codes().code(r, c)), c);
      }
      sums.finish(y, r, e);
    }
  }

  static void sharedCsr(SharedCsr w, Matrix x, Matrix y, Epilogue e, Workers workers) {
    Sums sums = new Sums(x);
    for (int r = 0; r < w.rows(); r++) {
      for (int s = 0; s < w.slabs(); s++) {
        for (int i = w.start(s, r); i < w.start(s, r + 1); i++) {
          sums.add(w.value(i), s * w.slabWidth() + w.position(i));
        }
      }
      sums.finish(y, r, e);
    }
  }

  static void planes(BitPlanes w, Matrix x, Matrix y, Epilogue e, Workers workers) {
    for (int column = 0; column < x.columns(); column++) {
      Int8Column q = Int8Column.of(x, column);
      for (int r = 0; r < w.rows(); r++) {
        float sum = 0;
        for (int g = 0; g < w.groups(); g++) {
          int dot = 0;
          for (int c = g * w.group(); c < Math.min(w.columns(), (g + 1) * w.group()); c++) {
            dot += (w.step() * w.code(r, c) - w.zero(r, g)) * q.values()[c];
          }
          sum += dot * w.scale(r, g);
        }
        y.set(r, column, e.apply(sum * q.scale(), r, column));
      }
    }
  }

  static void signs(Binary w, Matrix x, Matrix y, Epilogue e, Workers workers) {
    for (int column = 0; column < x.columns(); column++) {
      SignColumn signs = SignColumn.of(x, column);
      for (int r = 0; r < w.rows(); r++) {
        int dot = 0;
        for (int c = 0; c < w.columns(); c++) {
          dot += w.codes().code(r, c) == (signs.bits()[c / 32] >>> c % 32 & 1) ? 1 : -1;
        }
        y.set(r, column, e.apply(dot * w.scale(r) * signs.scale(), r, column));
      }
    }
  }
}
