package compress.train.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import compress.model.DType;
import compress.model.Shape;
import compress.model.Tensor;
import compress.model.ValueInfo;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class BatchesTest {
  /** Two images {@code [2, 2, 3]} of the bytes 0 to 23. */
  private static final DataSet IMAGES =
      DataSet.of(Tensor.of(DType.U8, Shape.of(2, 2, 2, 3), bytes(24)), new int[] {1, 0}, 2);

  private static byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    IntStream.range(0, count).forEach(i -> bytes[i] = (byte) i);
    return bytes;
  }

  /** An input of these lengths, -1 where they are open. */
  private static ValueInfo input(DType type, long... dims) {
    List<OptionalLong> lengths =
        LongStream.of(dims)
            .mapToObj(d -> d < 0 ? OptionalLong.empty() : OptionalLong.of(d))
            .toList();
    return new ValueInfo("x", Optional.of(type), Optional.of(lengths), new byte[0]);
  }

  private static Tensor batch(Preprocessing preprocessing, long... dims) {
    return Batches.of(IMAGES, preprocessing, input(DType.F32, dims)).batch(new int[] {1});
  }

  @Test
  void channelsFirstFlatAndChannelsLast() {
    assertThat(batch(Preprocessing.RAW, -1, 2, 2, 3).shape()).isEqualTo(Shape.of(1, 2, 2, 3));
    assertThat(batch(Preprocessing.RAW, -1, 2, 2, 3).floatAt(0)).isEqualTo(12);
    assertThat(batch(Preprocessing.RAW, -1, 12).shape()).isEqualTo(Shape.of(1, 12));
    Tensor last = batch(Preprocessing.RAW, -1, 2, 3, 2);
    assertThat(last.shape()).isEqualTo(Shape.of(1, 2, 3, 2));
    assertThat(last.toFloats()).startsWith(12, 18, 13, 19);
  }

  @Test
  void scaleMeanAndDeviationByChannel() {
    Preprocessing p =
        Preprocessing.RAW.withScale(0.5).withMeanStd(List.of(1.0, 2.0), List.of(2.0, 4.0));
    float[] values = batch(p, -1, 2, 2, 3).toFloats();
    assertThat(values[0]).isEqualTo((12 * 0.5f - 1) / 2);
    assertThat(values[6]).isEqualTo((18 * 0.5f - 2) / 4);
    Preprocessing three = p.withMeanStd(List.of(1.0, 2.0, 3.0), List.of());
    assertThatThrownBy(() -> batch(three, -1, 2, 2, 3)).hasMessageContaining("2 channels");
  }

  @Test
  void otherTypesAndFixedBatches() {
    Batches halves = Batches.of(IMAGES, Preprocessing.RAW, input(DType.F16, 1, 12));
    assertThat(halves.fixedBatch()).hasValue(1);
    assertThat(halves.batch(new int[] {0}).type()).isEqualTo(DType.F16);
    assertThat(halves.batch(new int[] {0}).floatAt(11)).isEqualTo(11);
    Batches bytes = Batches.of(IMAGES, Preprocessing.RAW, input(DType.U8, -1, 12));
    assertThat(bytes.batch(0, 2).longAt(23)).isEqualTo(23);
  }

  @Test
  void whatDoesNotFitIsRefused() {
    assertThatThrownBy(() -> batch(Preprocessing.RAW, -1, 3, 2, 2, 7))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[2, 2, 3]")
        .hasMessageContaining("[?, 3, 2, 2, 7]");
    Preprocessing first = Preprocessing.RAW.withLayout(Preprocessing.Layout.NCHW);
    assertThatThrownBy(() -> batch(first, -1, 2, 3, 2)).hasMessageContaining("do not fit");
  }

  @Test
  void partsShareWhatTheyAre() {
    DataSet second = IMAGES.subset(1, 2);
    assertThat(second.label(0)).isZero();
    assertThat(second.samples().longAt(0)).isEqualTo(12);
    DataSet swapped = IMAGES.subset(new int[] {1, 0});
    assertThat(swapped.samples().longAt(0)).isEqualTo(12);
    assertThat(swapped.label(1)).isEqualTo(1);
    assertThat(swapped.sha256()).isNotEqualTo(IMAGES.sha256());
    assertThat(swapped.subset(new int[] {1, 0}).sha256()).isEqualTo(IMAGES.sha256());
  }

  @Test
  void holdingOutTakesTheLastOrARandomPart() {
    DataSet many = DataSet.of(Tensor.of(DType.U8, Shape.of(24, 1), bytes(24)), new int[24], 1);
    DataSplit last = DataSplit.holdingOut(many, many, Holdout.DEFAULT, Preprocessing.RAW);
    assertThat(last.validation().samples().toFloats()).containsExactly(22, 23);
    Holdout random = new Holdout(OptionalLong.of(6), true, 5);
    DataSplit chosen = DataSplit.holdingOut(many, many, random, Preprocessing.RAW);
    DataSplit again = DataSplit.holdingOut(many, many, random, Preprocessing.RAW);
    assertThat(chosen.validation().sha256()).isEqualTo(again.validation().sha256());
    float[] all = new float[24];
    for (DataSet part : List.of(chosen.train(), chosen.validation())) {
      for (float v : part.samples().toFloats()) {
        all[(int) v]++;
      }
    }
    assertThat(all).containsOnly(1);
    assertThatThrownBy(() -> DataSplit.holdingOut(many, many, Holdout.last(24), Preprocessing.RAW))
        .hasMessageContaining("at most 23");
  }
}
