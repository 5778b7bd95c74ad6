package compress.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class KernelTest {
  @AutoClose private final Workers workers = new Workers(1);
  private final WeightMatrix w = Sample.random(new Random(1), 4, 6, 1);
  private final Kernel<?> dense = KernelCatalog.named("dense_f32_gemm__plain");

  @Test
  void namesAreUnique() {
    List<String> names = KernelCatalog.all().stream().map(k -> k.name()).toList();
    assertThat(names).doesNotHaveDuplicates();
  }

  @Test
  void everyKernelHasAPlainLoopForTheSameAnswer() {
    for (Kernel<?> kernel : KernelCatalog.all()) {
      assertThat(KernelCatalog.all())
          .anyMatch(k ->
              k.name().endsWith("__plain")
                  && k.layout() == kernel.layout()
                  && k.activations() == kernel.activations());
    }
  }

  @Test
  void refusesSizesThatDoNotFit() {
    DenseTiles tiles = DenseTiles.pack(w);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> multiply(tiles, Matrix.zeros(5, 2), Matrix.zeros(4, 2)))
        .withMessage("weights [4, 6] times [5, 2] is not [4, 2]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> multiply(Csr.pack(w), Matrix.zeros(6, 2), Matrix.zeros(4, 2)))
        .withMessageContaining("does not take unstructured weights of Csr");
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            dense.multiply(
                tiles,
                Matrix.zeros(6, 2),
                Matrix.zeros(4, 2),
                new Epilogue(new float[3], null, Epilogue.Activation.NONE),
                workers))
        .withMessage("3 biases for 4 rows");
  }

  @Test
  void refusesAResultOverItsOperand() {
    MemorySegment both = OffHeap.allocate(4 * 24);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> multiply(DenseTiles.pack(w), new Matrix(both, 6, 2), new Matrix(both, 4, 2)))
        .withMessage("the result overlaps the activations");
  }

  @Test
  void refusesMemoryOfTheHeap() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Matrix(MemorySegment.ofArray(new float[4]), 2, 2));
  }

  @Test
  void roundsActivationsToTheNearest() {
    Matrix x = Matrix.of(5, 1, 127, -127, 0.5f, 1.5f, -63.4f);
    Int8Column q = Int8Column.of(x, 0);
    assertThat(q.scale()).isEqualTo(1);
    assertThat(q.values()).containsExactly(127, -127, 0, 2, -63);
    assertThat(Int8Column.of(Matrix.zeros(3, 1), 0)).matches(z -> z.scale() == 0);
    assertThat(Int8Column.of(Matrix.of(2, 1, 1, Float.POSITIVE_INFINITY), 0).scale()).isNaN();
    assertThat(Int8Column.of(Matrix.of(1, 1, Float.MIN_VALUE), 0).values()).containsExactly(127);
  }

  private void multiply(Layout weights, Matrix x, Matrix y) {
    dense.multiply(weights, x, y, Epilogue.NONE, workers);
  }
}
