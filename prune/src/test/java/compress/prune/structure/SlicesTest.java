package compress.prune.structure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import compress.model.Affine;
import compress.model.Codebook;
import compress.model.DType;
import compress.model.Dense;
import compress.model.Granularity;
import compress.model.Shape;
import compress.model.Tensor;
import compress.model.Values;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SlicesTest {
  private static final Shape SHAPE = Shape.of(3, 4, 5);

  /** Compares with picking entry by entry, along each axis. */
  private static void keeps(Values values) {
    float[] all = values.toFloats();
    for (int axis = 0; axis < 3; axis++) {
      int[] kept = axis == 1 ? new int[] {0, 3} : new int[] {1, 2};
      Values sliced = Slices.of(values, axis, kept);
      long[] dims = SHAPE.toArray();
      dims[axis] = 2;
      assertThat(sliced.shape()).isEqualTo(Shape.of(dims));
      float[] left = sliced.toFloats();
      int i = 0;
      for (int a = 0; a < dims[0]; a++) {
        for (int b = 0; b < dims[1]; b++) {
          for (int c = 0; c < dims[2]; c++) {
            int x = axis == 0 ? kept[a] : a;
            int y = axis == 1 ? kept[b] : b;
            int z = axis == 2 ? kept[c] : c;
            assertThat(left[i++]).isEqualTo(all[(x * 4 + y) * 5 + z]);
          }
        }
      }
    }
  }

  private static byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    new SplittableRandom(count).nextBytes(bytes);
    return bytes;
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "F64", "F16", "BF16", "I64", "I32", "I8", "U8", "U4", "I4", "I2"})
  void numbersOfAnyWidth(DType type) {
    byte[] bytes = new byte[(int) type.bytesFor(60)];
    SplittableRandom random = new SplittableRandom(3);
    for (int i = 0; i < bytes.length; i++) {
      // No pattern of these bits is NaN in any type.
      bytes[i] = (byte) (random.nextInt() & 0x3b);
    }
    keeps(new Dense(Tensor.of(type, SHAPE, bytes)));
  }

  @Test
  void codebooksKeepTheirTable() {
    byte[] indices = bytes(60);
    for (int i = 0; i < 60; i++) {
      indices[i] &= 3;
    }
    Tensor table = Tensor.of(Shape.of(4), 0, 1.5f, -2, 7);
    keeps(new Codebook(table, Tensor.of(DType.U8, SHAPE, indices)));
  }

  @Test
  void integersKeepTheScalesOfWhatStays() {
    Tensor integers = Tensor.of(DType.I8, SHAPE, bytes(60));
    Tensor scales = Tensor.of(Shape.of(4), 0.5f, 2, 3, 10);
    Tensor zeros = Tensor.of(DType.I8, Shape.of(4), new byte[] {1, 2, 3, 4});
    keeps(new Affine(integers, scales, Optional.of(zeros), new Granularity.PerAxis(1)));
    keeps(new Affine(integers, scales, Optional.empty(), new Granularity.PerAxis(-2)));
    Tensor one = Tensor.of(Shape.of(), 0.25f);
    keeps(new Affine(integers, one, Optional.empty(), new Granularity.PerTensor()));
  }

  @Test
  void groupsOfAnAxisCannotBeCutApart() {
    Tensor integers = Tensor.of(DType.I8, SHAPE, bytes(60));
    float[] scales = new float[30];
    for (int i = 0; i < scales.length; i++) {
      scales[i] = i + 1;
    }
    Affine values =
        new Affine(
            integers,
            Tensor.of(Shape.of(3, 2, 5), scales),
            Optional.empty(),
            new Granularity.PerGroup(1, 2));
    for (int axis : List.of(0, 2)) {
      float[] sliced = Slices.of(values, axis, new int[] {1, 2}).toFloats();
      float[] floats =
          Slices.of(new Dense(Tensor.of(SHAPE, values.toFloats())), axis, new int[] {1, 2})
              .toFloats();
      assertThat(sliced).containsExactly(floats);
    }
    assertThatThrownBy(() -> Slices.of(values, 1, new int[] {0}))
        .hasMessage("axis 1 has a scale for each 2 entries");
  }
}
