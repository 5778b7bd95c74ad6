package compress.train.data;

import static java.nio.charset.StandardCharsets.UTF_8;

import compress.model.DType;
import compress.model.Shape;
import compress.model.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Samples of equal shape and, mostly, the class that each belongs to. Images are {@code [n,
 * channels, height, width]}, whatever their file had. Immutable; parts share the memory.
 */
public final class DataSet {
  private final Tensor samples;
  private final int[] labels;
  private final boolean labelled;
  private final int classes;
  private final boolean tokens;

  private DataSet(Tensor samples, int[] labels, boolean labelled, int classes, boolean tokens) {
    this.samples = samples;
    this.labels = labels;
    this.labelled = labelled;
    this.classes = classes;
    this.tokens = tokens;
  }

  /**
   * @param samples of type U8 or F32, {@code [n, ...]}
   * @param labels from 0 up to below {@code classes}, one for each sample
   */
  public static DataSet of(Tensor samples, int[] labels, int classes) {
    requireSamples(samples);
    if (labels.length != samples.shape().dim(0)) {
      throw new IllegalArgumentException(
          "%d labels for %d samples".formatted(labels.length, samples.shape().dim(0)));
    }
    for (int label : labels) {
      if (label < 0 || label >= classes) {
        throw new IllegalArgumentException("label " + label + " among " + classes + " classes");
      }
    }
    return new DataSet(samples, labels.clone(), true, classes, false);
  }

  /** Samples whose classes are not known. */
  public static DataSet unlabelled(Tensor samples) {
    requireSamples(samples);
    return new DataSet(samples, new int[0], false, 0, false);
  }

  /**
   * Sequences of tokens whose classes are not known. {@link #samples} has them as floats, shorter
   * ones filled up with {@code -1}.
   *
   * @throws IllegalArgumentException if a token is negative or 2^24 or more
   */
  public static DataSet ofTokens(List<int[]> sequences) {
    int longest = sequences.stream().mapToInt(s -> s.length).max().orElse(1);
    float[] all = new float[Math.multiplyExact(sequences.size(), Math.max(1, longest))];
    Arrays.fill(all, -1);
    for (int i = 0; i < sequences.size(); i++) {
      int[] sequence = sequences.get(i);
      for (int k = 0; k < sequence.length; k++) {
        if (sequence[k] < 0 || sequence[k] >= 1 << 24) {
          throw new IllegalArgumentException("token " + sequence[k] + " in sequence " + i);
        }
        all[i * longest + k] = sequence[k];
      }
    }
    Tensor samples = Tensor.of(Shape.of(sequences.size(), Math.max(1, longest)), all);
    return new DataSet(samples, new int[0], false, 0, true);
  }

  private static void requireSamples(Tensor samples) {
    if (samples.type() != DType.U8 && samples.type() != DType.F32) {
      throw new IllegalArgumentException("samples are U8 or F32, not " + samples.type());
    }
    if (samples.shape().rank() < 2 || samples.shape().dim(0) > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "samples need a first axis that counts them, not " + samples.shape());
    }
  }

  /** How many samples there are. */
  public int size() {
    return (int) samples.shape().dim(0);
  }

  public boolean isEmpty() {
    return size() == 0;
  }

  /** All samples, {@code [size(), ...]}. */
  public Tensor samples() {
    return samples;
  }

  /** The shape of one sample: {@code [1, 28, 28]}. */
  public Shape sampleShape() {
    long[] dims = samples.shape().toArray();
    return Shape.of(Arrays.copyOfRange(dims, 1, dims.length));
  }

  public boolean hasLabels() {
    return labelled;
  }

  /**
   * The class of sample {@code i}; -1 if that of others only is known.
   *
   * @throws IllegalStateException if the set has no labels
   */
  public int label(int i) {
    if (!labelled) {
      throw new IllegalStateException("the data has no labels");
    }
    return labels[i];
  }

  /** Whether the class of sample {@code i} is known: of all of a set, unless sets were joined. */
  public boolean hasLabel(int i) {
    return labelled && labels[i] >= 0;
  }

  /** Whether the class of some samples is known and that of others is not. */
  public boolean isPartlyLabelled() {
    return labelled && Arrays.stream(labels).anyMatch(label -> label < 0);
  }

  /** Whether samples are sequences of tokens. */
  public boolean isTokens() {
    return tokens;
  }

  /**
   * The tokens of sample {@code i}.
   *
   * @throws IllegalStateException if samples are not tokens
   */
  public int[] tokens(int i) {
    if (!tokens) {
      throw new IllegalStateException("the samples are no tokens");
    }
    int width = (int) sampleShape().dim(0);
    int[] sequence = new int[width];
    int length = 0;
    for (; length < width; length++) {
      sequence[length] = (int) samples.data().getAtIndex(Tensor.FLOAT, (long) i * width + length);
      if (sequence[length] < 0) {
        break;
      }
    }
    return Arrays.copyOf(sequence, length);
  }

  /**
   * These samples, then those of {@code more} as ones whose classes are not known.
   *
   * @throws IllegalArgumentException if their shapes or types differ
   */
  public DataSet withUnlabelled(DataSet more) {
    if (!more.sampleShape().equals(sampleShape())
        || more.samples.type() != samples.type()
        || more.tokens != tokens) {
      throw new IllegalArgumentException(
          "unlabelled samples are %s %s, the others %s %s"
              .formatted(more.samples.type(), more.sampleShape(), samples.type(), sampleShape()));
    }
    byte[] both =
        new byte[Math.toIntExact(samples.data().byteSize() + more.samples.data().byteSize())];
    MemorySegment to = MemorySegment.ofArray(both);
    to.copyFrom(samples.data());
    to.asSlice(samples.data().byteSize()).copyFrom(more.samples.data());
    int[] known = new int[labelled ? size() + more.size() : 0];
    Arrays.fill(known, -1);
    System.arraycopy(labels, 0, known, 0, labels.length);
    Tensor tensor = Tensor.of(samples.type(), shape(size() + more.size()), both);
    return new DataSet(tensor, known, labelled, classes, tokens);
  }

  /** A copy of the labels, empty if there are none. */
  public Optional<int[]> labels() {
    return labelled ? Optional.of(labels.clone()) : Optional.empty();
  }

  /** How many classes the labels tell apart; 0 without labels. */
  public int classes() {
    return classes;
  }

  /** Samples {@code from} up to below {@code to}, in place. */
  public DataSet subset(int from, int to) {
    long bytes = bytesPerSample();
    Tensor part =
        new Tensor(
            samples.type(),
            shape(to - from),
            samples.data().asSlice(from * bytes, (to - from) * bytes));
    return new DataSet(
        part, labelled ? Arrays.copyOfRange(labels, from, to) : labels, labelled, classes, tokens);
  }

  /** The samples of these numbers, in their order. Copies them. */
  public DataSet subset(int[] numbers) {
    long bytes = bytesPerSample();
    byte[] copy = new byte[Math.toIntExact(numbers.length * bytes)];
    MemorySegment to = MemorySegment.ofArray(copy);
    int[] chosen = new int[labelled ? numbers.length : 0];
    for (int i = 0; i < numbers.length; i++) {
      MemorySegment.copy(samples.data(), numbers[i] * bytes, to, i * bytes, bytes);
      if (labelled) {
        chosen[i] = labels[numbers[i]];
      }
    }
    return new DataSet(
        Tensor.of(samples.type(), shape(numbers.length), copy), chosen, labelled, classes, tokens);
  }

  private long bytesPerSample() {
    return samples.type().bytesFor(sampleShape().size());
  }

  private Shape shape(long count) {
    long[] dims = samples.shape().toArray();
    dims[0] = count;
    return Shape.of(dims);
  }

  /** A hash of samples and labels. */
  public String sha256() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      String kind = tokens ? "tokens" : String.valueOf(samples.type());
      digest.update((kind + " " + samples.shape() + " " + classes).getBytes(UTF_8));
      long length = samples.data().byteSize();
      byte[] piece = new byte[1 << 16];
      for (long at = 0; at < length; at += piece.length) {
        int n = (int) Math.min(piece.length, length - at);
        MemorySegment.copy(samples.data(), ValueLayout.JAVA_BYTE, at, piece, 0, n);
        digest.update(piece, 0, n);
      }
      for (int label : labels) {
        digest.update(
            new byte[] {
              (byte) label, (byte) (label >> 8), (byte) (label >> 16), (byte) (label >> 24)
            });
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has SHA-256", e);
    }
  }

  @Override
  public String toString() {
    return size()
        + (tokens ? " sequences of tokens" : " samples " + sampleShape())
        + (labelled ? ", " + classes + " classes" : "");
  }
}
