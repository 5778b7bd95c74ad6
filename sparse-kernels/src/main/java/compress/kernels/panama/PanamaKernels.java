package compress.kernels.panama;

import compress.kernels.BankBalanced;
import compress.kernels.Binary;
import compress.kernels.BitPlanes;
import compress.kernels.Blocks;
import compress.kernels.Csr;
import compress.kernels.DenseTiles;
import compress.kernels.Kernel;
import compress.kernels.Kernel.Activations;
import compress.kernels.Kernel.Needs;
import compress.kernels.Layout;
import compress.kernels.Linear;
import compress.kernels.NofM;
import compress.kernels.Sell;
import compress.kernels.Shared;
import compress.kernels.SharedCsr;
import compress.kernels.Windows;
import java.util.List;
import java.util.stream.Stream;

/** The kernels of this package that this machine has the instructions for. */
public final class PanamaKernels {
  /** Columns up to which one after the other is tried. */
  private static final int FEW = 16;

  /** Columns up to which vectors of rows are tried. */
  private static final int MOST_FEW = 24;

  private static final List<Kernel<?>> EXACT =
      List.of(
          new Kernel<>(
              "planes_i8_gemv__panama",
              BitPlanes.class,
              Activations.INT8,
              Needs.columns(1, FEW),
              new Gemv<>(new LookupGemv())),
          new Kernel<>(
              "binary_sign_gemv__panama",
              Binary.class,
              Activations.SIGN,
              Needs.columns(1, FEW),
              new Gemv<>(new BinarySignGemv())));

  private static final List<Kernel<?>> ROUNDED =
      List.of(
          spmm("dense_f32_gemm", DenseTiles.class, Needs.any(), 64, new DenseGemm(), 3, 2, 1),
          few("dense_f32_few", DenseTiles.class, FewColumns.dense()),
          gemv("dense_f32_gemv", DenseTiles.class, w -> true, new DenseGemv()),
          spmm("sell_f32_spmm", Sell.class, Needs.any(), 1024, new SellSpmm(), 4, 2, 1),
          gemv(
              "window32_f32_gemv",
              Windows.class,
              w -> w.width() == Windows.NARROW,
              new WindowGemv()),
          gemv(
              "window64_f32_gemv", Windows.class, w -> w.width() == Windows.WIDE, new WindowGemv()),
          gemv("csr_f32_gemv", Csr.class, w -> true, new CsrGemv()),
          spmm(
              "block_f32_spmm",
              Blocks.class,
              Needs.<Blocks>any().when(BlockSpmm::takes),
              64,
              new BlockSpmm(),
              3,
              2,
              1),
          gemv("block_f32_gemv", Blocks.class, BlockGemv::takes, new BlockGemv()),
          gemv("bank_f32_gemv", BankBalanced.class, w -> true, new BankGemv()),
          gemv("2of4_f32_gemv", NofM.class, TwoOfFourGemv::takes, new TwoOfFourGemv()),
          decoded("linear_f32_gemm", Linear.class, Decoders::linear),
          few("linear_f32_few", Linear.class, FewColumns.decoded(Decoders::linear)),
          gemv("linear_f32_gemv", Linear.class, w -> true, new LinearGemv()),
          decoded("binary_f32_gemm", Binary.class, Decoders::binary),
          few("binary_f32_few", Binary.class, FewColumns.decoded(Decoders::binary)),
          gemv("binary_f32_gemv", Binary.class, w -> true, new BinaryGemv()),
          decoded("shared_f32_gemm", Shared.class, Decoders::shared),
          few("shared_f32_few", Shared.class, FewColumns.decoded(Decoders::shared)),
          gemv("shared_f32_gemv", Shared.class, SharedGemv::takes, new SharedGemv()),
          spmm(
              "sharedcsr_f32_spmm", SharedCsr.class, Needs.any(), 64, new SharedCsrSpmm(), 4, 2, 1),
          gemv("sharedcsr_f32_gemv", SharedCsr.class, w -> true, new SharedCsrGemv()));

  private PanamaKernels() {}

  public static List<Kernel<?>> all() {
    return Stream.concat(EXACT.stream(), Simd.HAS_FMA ? ROUNDED.stream() : Stream.empty())
        .filter(k -> !(k.body() instanceof Gemv<?, ?> g) || g.micro().lanes() <= Simd.L)
        .filter(k -> !(k.body() instanceof FewColumns<?>) || FewColumns.runsHere())
        .toList();
  }

  private static <L extends Layout> Kernel<L> spmm(
      String name, Class<L> layout, Needs<L> needs, int rows, Spmm.Micro<L> micro, int... widths) {
    return new Kernel<>(
        name + "__panama", layout, Activations.F32, needs, new Spmm<>(micro, rows, widths));
  }

  private static <L extends Layout> Kernel<L> few(
      String name, Class<L> layout, FewColumns<L> body) {
    return new Kernel<>(
        name + "__panama", layout, Activations.F32, Needs.columns(5, MOST_FEW), body);
  }

  private static <L extends Layout> Kernel<L> decoded(
      String name, Class<L> layout, DecodedGemm.Decoder<L> decoder) {
    return new Kernel<>(
        name + "__panama", layout, Activations.F32, Needs.any(), new DecodedGemm<>(decoder));
  }

  private static <L extends Layout> Kernel<L> gemv(
      String name, Class<L> layout, Needs.Shape<L> shape, Gemv.Micro<L, ?> micro) {
    return new Kernel<>(
        name + "__panama",
        layout,
        Activations.F32,
        Needs.<L>columns(1, FEW).when(shape),
        new Gemv<>(micro));
  }
}
