package compress.train.data;

import compress.model.DType;
import compress.model.Shape;
import compress.model.Tensor;
import compress.model.ValueInfo;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.SequencedMap;

/**
 * Samples as all inputs of a network. Images and tables go to its only input, by {@link Batches}.
 * Tokens go to networks with several: each input is told by its name, one with {@code mask} in it
 * says where tokens are, one with {@code type} is 0, one with {@code position} counts, any other
 * takes the tokens. Samples are filled up with token 0 to the longest of a batch.
 */
public final class Feed {
  private final DataSet data;
  private final List<ValueInfo> inputs;
  private final Optional<Batches> batches;

  private Feed(DataSet data, List<ValueInfo> inputs, Optional<Batches> batches) {
    this.data = data;
    this.inputs = inputs;
    this.batches = batches;
  }

  /**
   * @param inputs of the network
   * @throws IllegalArgumentException if the samples do not fit; says what was expected
   */
  public static Feed of(DataSet data, Preprocessing preprocessing, List<ValueInfo> inputs) {
    if (!data.isTokens()) {
      if (inputs.size() != 1) {
        throw new IllegalArgumentException(
            "the network has %d inputs (%s); samples can be given to one only"
                .formatted(inputs.size(), inputs.stream().map(ValueInfo::name).toList()));
      }
      Batches batches = Batches.of(data, preprocessing, inputs.getFirst());
      return new Feed(data, inputs, Optional.of(batches));
    }
    for (ValueInfo input : inputs) {
      DType type = input.type().orElse(DType.I64);
      int axes = input.dims().map(List::size).orElse(2);
      if (axes != 2 || type != DType.I64 && type != DType.I32) {
        throw new IllegalArgumentException(
            "the network's input '%s' takes no tokens: it is %s with %d axes"
                .formatted(input.name(), type, axes));
      }
      OptionalLong length = length(input);
      if (length.isPresent() && length.getAsLong() < data.sampleShape().dim(0)) {
        throw new IllegalArgumentException(
            "samples of up to %d tokens do not fit the network's input '%s', which takes %d"
                .formatted(data.sampleShape().dim(0), input.name(), length.getAsLong()));
      }
    }
    return new Feed(data, inputs, Optional.empty());
  }

  private static OptionalLong length(ValueInfo input) {
    return input.dims().isPresent() ? input.dims().get().get(1) : OptionalLong.empty();
  }

  public DataSet data() {
    return data;
  }

  /** How many samples the network must be given at a time; empty if any number does. */
  public OptionalInt fixedBatch() {
    if (batches.isPresent()) {
      return batches.get().fixedBatch();
    }
    OptionalLong first = inputs.getFirst().dims().orElse(List.of(OptionalLong.empty())).getFirst();
    return first.isPresent()
        ? OptionalInt.of(Math.toIntExact(first.getAsLong()))
        : OptionalInt.empty();
  }

  /** The samples of these numbers, one tensor for each input. */
  public SequencedMap<String, Tensor> batch(int... numbers) {
    return batch(Draw.of(numbers));
  }

  /** The samples of a draw, one tensor for each input, whatever {@link #fixedBatch} says. */
  public SequencedMap<String, Tensor> batch(Draw draw) {
    SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
    if (batches.isEmpty()) {
      int longest = 1;
      for (int sample : draw.samples()) {
        longest = Math.max(longest, data.tokens(sample).length);
      }
      for (ValueInfo input : inputs) {
        tensors.put(input.name(), tokens(input, draw.samples(), longest));
      }
      return tensors;
    }
    Tensor tensor = batches.get().batch(draw.samples(), draw.change());
    if (draw.mixing().isPresent()) {
      float[] values = tensor.toFloats();
      draw.mixing().get().apply(values);
      tensor = Tensor.ofFloats(tensor.type(), tensor.shape(), values);
    }
    tensors.put(inputs.getFirst().name(), tensor);
    return tensors;
  }

  private Tensor tokens(ValueInfo input, int[] samples, int longest) {
    int columns = Math.toIntExact(length(input).orElse(longest));
    String name = input.name().toLowerCase(Locale.ROOT);
    DType type = input.type().orElse(DType.I64);
    Shape shape = Shape.of(samples.length, columns);
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.toIntExact(type.bytesFor(shape.size())))
            .order(ByteOrder.LITTLE_ENDIAN);
    for (int sample : samples) {
      int[] tokens = data.tokens(sample);
      for (int i = 0; i < columns; i++) {
        int value =
            name.contains("position")
                ? i
                : i >= tokens.length || name.contains("type")
                    ? 0
                    : name.contains("mask") ? 1 : tokens[i];
        if (type == DType.I64) {
          bytes.putLong(value);
        } else {
          bytes.putInt(value);
        }
      }
    }
    return Tensor.of(type, shape, bytes.array());
  }

  /**
   * Rows {@code from} up to below {@code to} of each tensor, and the last of these again until
   * there are {@code filled}.
   */
  public static SequencedMap<String, Tensor> rows(
      Map<String, Tensor> batch, int from, int to, int filled) {
    SequencedMap<String, Tensor> parts = new LinkedHashMap<>();
    batch.forEach((name, tensor) -> parts.put(name, rows(tensor, from, to, filled)));
    return parts;
  }

  private static Tensor rows(Tensor tensor, int from, int to, int filled) {
    long[] dims = tensor.shape().toArray();
    if (from == 0 && to == dims[0] && filled == to) {
      return tensor;
    }
    long row = tensor.data().byteSize() / dims[0];
    byte[] bytes = new byte[Math.toIntExact(row * filled)];
    byte[] source =
        tensor.data().asSlice(from * row, (to - from) * row).toArray(ValueLayout.JAVA_BYTE);
    System.arraycopy(source, 0, bytes, 0, source.length);
    for (int i = to - from; i < filled; i++) {
      System.arraycopy(source, (int) (source.length - row), bytes, (int) (i * row), (int) row);
    }
    dims[0] = filled;
    return Tensor.of(tensor.type(), Shape.of(dims), bytes);
  }

  /** Tensors of equal rows, one behind the other. */
  public static Tensor joined(List<Tensor> parts) {
    long[] dims = parts.getFirst().shape().toArray();
    long bytes = parts.stream().mapToLong(p -> p.data().byteSize()).sum();
    MemorySegment all = MemorySegment.ofArray(new byte[Math.toIntExact(bytes)]);
    long at = 0;
    dims[0] = 0;
    for (Tensor part : parts) {
      all.asSlice(at).copyFrom(part.data());
      at += part.data().byteSize();
      dims[0] += part.shape().dim(0);
    }
    return new Tensor(parts.getFirst().type(), Shape.of(dims), all);
  }
}
