package compress.train.data;

import compress.model.DType;
import compress.model.Shape;
import compress.model.Tensor;
import compress.model.ValueInfo;
import compress.train.data.Preprocessing.Layout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Samples as a network takes them: preprocessed, in the axes that its input declares. {@code [1,
 * 28, 28]} fits {@code [N, 1, 28, 28]}, {@code [N, 784]} and {@code [N, 28, 28, 1]}.
 */
public final class Batches {
  /** Changes one sample's numbers, before they are preprocessed, in place. */
  public interface Change {
    /** Leaves samples as they are. */
    Change NONE = (sample, values) -> {};

    void apply(int sample, float[] values);
  }

  private final DataSet data;
  private final DType type;
  private final long[] sampleDims;
  private final boolean channelsLast;
  private final OptionalInt fixedBatch;
  private final float[] factor;
  private final float[] summand;
  private final float[] raw;

  private Batches(
      DataSet data,
      DType type,
      long[] sampleDims,
      boolean channelsLast,
      OptionalInt fixedBatch,
      Preprocessing preprocessing) {
    this.data = data;
    this.type = type;
    this.sampleDims = sampleDims;
    this.channelsLast = channelsLast;
    this.fixedBatch = fixedBatch;
    this.raw = new float[Math.toIntExact(data.sampleShape().size())];
    int channels = channels(data.sampleShape());
    this.factor = new float[channels];
    this.summand = new float[channels];
    for (int c = 0; c < channels; c++) {
      factor[c] = (float) (preprocessing.scale() / preprocessing.std(c, channels));
      summand[c] = (float) (-preprocessing.mean(c, channels) / preprocessing.std(c, channels));
    }
  }

  private static int channels(Shape sample) {
    return sample.rank() == 3 ? (int) sample.dim(0) : 1;
  }

  /**
   * @param input the network's, the first axis counting samples
   * @throws IllegalArgumentException if the samples do not fit; says what was expected
   */
  public static Batches of(DataSet data, Preprocessing preprocessing, ValueInfo input) {
    long[] sample = data.sampleShape().toArray();
    DType type = input.type().orElse(DType.F32);
    if (!type.isFloat() && type != DType.U8 && type != DType.I64 && type != DType.I32) {
      throw misfit(data, input, "its type cannot be made from samples");
    }
    if (input.dims().isEmpty()) {
      boolean last = preprocessing.layout() == Layout.NHWC && sample.length == 3;
      return new Batches(
          data,
          type,
          last ? new long[] {sample[1], sample[2], sample[0]} : sample,
          last,
          OptionalInt.empty(),
          preprocessing);
    }
    List<OptionalLong> dims = input.dims().get();
    if (dims.isEmpty()) {
      throw misfit(data, input, "it is a scalar");
    }
    List<OptionalLong> declared = new ArrayList<>(dims.subList(1, dims.size()));
    OptionalInt fixed =
        dims.getFirst().isPresent() && dims.getFirst().getAsLong() > 0
            ? OptionalInt.of(Math.toIntExact(dims.getFirst().getAsLong()))
            : OptionalInt.empty();
    Layout layout = preprocessing.layout();
    if (layout != Layout.NHWC && matches(declared, sample)) {
      return new Batches(data, type, sample, false, fixed, preprocessing);
    }
    if (sample.length == 3 && layout != Layout.NCHW) {
      long[] last = {sample[1], sample[2], sample[0]};
      if (matches(declared, last)) {
        return new Batches(data, type, last, true, fixed, preprocessing);
      }
    }
    long size = data.sampleShape().size();
    long[] closed = declared.stream().mapToLong(d -> d.orElse(-1)).toArray();
    boolean flat = closed.length == 1 && (closed[0] == -1 || closed[0] == size);
    boolean sameSize =
        Arrays.stream(closed).noneMatch(d -> d < 0)
            && Arrays.stream(closed).reduce(1, (a, b) -> a * b) == size
            && closed.length != sample.length;
    if (flat || sameSize) {
      return new Batches(
          data,
          type,
          flat ? new long[] {size} : closed,
          layout == Layout.NHWC && sample.length == 3,
          fixed,
          preprocessing);
    }
    throw misfit(data, input, "preprocess the data to that shape");
  }

  private static boolean matches(List<OptionalLong> declared, long[] dims) {
    return declared.size() == dims.length
        && IntStream.range(0, dims.length)
            .allMatch(i -> declared.get(i).orElse(dims[i]) == dims[i]);
  }

  private static IllegalArgumentException misfit(DataSet data, ValueInfo input, String what) {
    String wanted =
        input
            .dims()
            .map(dims ->
                dims.stream()
                    .map(d -> d.isPresent() ? Long.toString(d.getAsLong()) : "?")
                    .collect(Collectors.joining(", ", "[", "]")))
            .orElse("any shape");
    return new IllegalArgumentException(
        "samples %s do not fit the network's input '%s' %s; %s"
            .formatted(data.sampleShape(), input.name(), wanted, what));
  }

  /** How many samples a batch must have; empty if any number does. */
  public OptionalInt fixedBatch() {
    return fixedBatch;
  }

  public DataSet data() {
    return data;
  }

  /** The samples of these numbers, in their order. */
  public Tensor batch(int[] numbers) {
    return batch(numbers, Change.NONE);
  }

  /** The samples {@code from} up to below {@code to}. */
  public Tensor batch(int from, int to) {
    return batch(IntStream.range(from, to).toArray());
  }

  /** The samples of these numbers, each changed first. */
  public Tensor batch(int[] numbers, Change change) {
    float[] values = new float[Math.multiplyExact(numbers.length, raw.length)];
    for (int i = 0; i < numbers.length; i++) {
      read(numbers[i]);
      change.apply(numbers[i], raw);
      write(values, i * raw.length);
    }
    long[] dims = new long[sampleDims.length + 1];
    dims[0] = numbers.length;
    System.arraycopy(sampleDims, 0, dims, 1, sampleDims.length);
    return typed(Shape.of(dims), values);
  }

  private void read(int number) {
    Tensor samples = data.samples();
    long start = (long) number * raw.length;
    if (samples.type() == DType.U8) {
      for (int i = 0; i < raw.length; i++) {
        raw[i] = samples.data().get(ValueLayout.JAVA_BYTE, start + i) & 0xff;
      }
    } else {
      MemorySegment.copy(samples.data(), Tensor.FLOAT, start * Float.BYTES, raw, 0, raw.length);
    }
  }

  private void write(float[] to, int at) {
    int channels = factor.length;
    int plane = raw.length / channels;
    for (int c = 0; c < channels; c++) {
      float f = factor[c];
      float s = summand[c];
      int from = c * plane;
      if (channelsLast) {
        for (int i = 0; i < plane; i++) {
          to[at + i * channels + c] = raw[from + i] * f + s;
        }
      } else {
        for (int i = 0; i < plane; i++) {
          to[at + from + i] = raw[from + i] * f + s;
        }
      }
    }
  }

  private Tensor typed(Shape shape, float[] values) {
    Tensor floats = Tensor.of(shape, values);
    if (type == DType.F32) {
      return floats;
    }
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.toIntExact(type.bytesFor(values.length)))
            .order(ByteOrder.LITTLE_ENDIAN);
    for (float v : values) {
      switch (type) {
        case F64 -> bytes.putDouble(v);
        case F16 -> bytes.putShort(Float.floatToFloat16(v));
        case BF16 -> bytes.putShort((short) (Float.floatToRawIntBits(v) >>> 16));
        case U8 -> bytes.put((byte) Math.clamp(Math.round(v), 0, 255));
        case I32 -> bytes.putInt(Math.round(v));
        case I64 -> bytes.putLong(Math.round(v));
        default -> throw new IllegalArgumentException("samples cannot be made " + type);
      }
    }
    return Tensor.of(type, shape, bytes.array());
  }
}
