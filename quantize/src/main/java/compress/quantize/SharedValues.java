package compress.quantize;

import compress.model.Codebook;
import compress.model.DType;
import compress.model.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Comparator;
import java.util.stream.IntStream;

/** The order of a codebook. */
final class SharedValues {
  private SharedValues() {}

  /**
   * The same codebook with its values ascending, 0 before all others; training may have changed
   * their order. Equal values stay apart. A value other than entry 0 that training left at exactly
   * 0 becomes the smallest normal float, lest its weights look pruned.
   */
  static Codebook ascending(Codebook codebook) {
    float[] values = codebook.codebook().toFloats();
    boolean zeroFirst = values[0] == 0;
    for (int i = zeroFirst ? 1 : 0; i < values.length; i++) {
      values[i] = values[i] == 0 ? Float.MIN_NORMAL : values[i];
    }
    int[] order =
        IntStream.range(0, values.length)
            .boxed()
            .sorted(
                Comparator.comparing((Integer i) -> !(zeroFirst && i == 0))
                    .thenComparingDouble(i -> values[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    float[] sorted = new float[values.length];
    int[] placeOf = new int[values.length];
    for (int place = 0; place < order.length; place++) {
      sorted[place] = values[order[place]];
      placeOf[order[place]] = place;
    }
    return new Codebook(
        Tensor.of(codebook.codebook().shape(), sorted), renumbered(codebook, placeOf));
  }

  private static Tensor renumbered(Codebook codebook, int[] placeOf) {
    Tensor indices = codebook.indices();
    MemorySegment data = Arena.ofAuto().allocate(indices.data().byteSize());
    for (long i = 0; i < indices.size(); i++) {
      int place = placeOf[codebook.index(i)];
      if (indices.type() == DType.U8) {
        data.set(ValueLayout.JAVA_BYTE, i, (byte) place);
      } else {
        data.set(ValueLayout.JAVA_SHORT_UNALIGNED, 2 * i, (short) place);
      }
    }
    return new Tensor(indices.type(), indices.shape(), data);
  }
}
