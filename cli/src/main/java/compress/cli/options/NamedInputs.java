package compress.cli.options;

import compress.model.DType;
import compress.model.FormatException;
import compress.model.Shape;
import compress.model.Tensor;
import compress.model.ValueInfo;
import compress.train.SentencePairs;
import compress.train.data.DataSet;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.function.LongSupplier;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Samples for networks that take several inputs, or tokens: random ones, or lines of JSON. Each is
 * a batch of one.
 */
public final class NamedInputs {
  /** The length of random samples along axes that the network leaves open. */
  private static final int OPEN = 16;

  /** Random tokens are below this, which every vocabulary has. */
  private static final int TOKENS = 1000;

  private NamedInputs() {}

  /** Whether {@code path} names a file of JSON lines. */
  public static boolean isJsonLines(Path path) {
    return path.toString().toLowerCase(Locale.ROOT).endsWith(".jsonl");
  }

  /**
   * Random samples: floats from a standard normal distribution, tokens below 1,000; masks are all 1
   * and types all 0.
   */
  public static List<Map<String, Tensor>> random(List<ValueInfo> inputs, int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Map<String, Tensor>> samples = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      samples.add(random(inputs, 1, OPEN, random));
    }
    return samples;
  }

  /**
   * One batch of random samples.
   *
   * @param batch samples: the length of the first axis where a network leaves it open
   * @param length of other axes that it leaves open
   * @throws IllegalArgumentException if the network takes another number of samples at a time
   */
  public static Map<String, Tensor> randomBatch(
      List<ValueInfo> inputs, int batch, int length, long seed) {
    for (ValueInfo input : inputs) {
      List<OptionalLong> dims = input.dims().orElse(List.of());
      long fixed = dims.isEmpty() ? batch : dims.getFirst().orElse(batch);
      if (fixed != batch) {
        throw new IllegalArgumentException(
            "input '%s' takes batches of %d, not of %d".formatted(input.name(), fixed, batch));
      }
    }
    return random(inputs, batch, length, new SplittableRandom(seed));
  }

  private static Map<String, Tensor> random(
      List<ValueInfo> inputs, int batch, int length, SplittableRandom random) {
    Map<String, Tensor> sample = new LinkedHashMap<>();
    for (ValueInfo input : inputs) {
      List<OptionalLong> dims = input.dims().orElse(List.of());
      long[] lengths = new long[dims.size()];
      for (int a = 0; a < lengths.length; a++) {
        lengths[a] = dims.get(a).orElse(a == 0 ? batch : length);
      }
      sample.put(input.name(), random(input, Shape.of(lengths), random));
    }
    return sample;
  }

  private static Tensor random(ValueInfo input, Shape shape, SplittableRandom random) {
    if (type(input).isFloat()) {
      float[] values = new float[Math.toIntExact(shape.size())];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) random.nextGaussian();
      }
      return Tensor.of(shape, values);
    }
    return integers(input, shape, () -> random.nextInt(TOKENS));
  }

  private static DType type(ValueInfo input) {
    DType type = input.type().orElse(DType.F32);
    if (type != DType.F32 && type != DType.I64 && type != DType.I32) {
      throw new IllegalArgumentException(
          "input '%s' takes %s; samples can be made of F32, I64 and I32"
              .formatted(input.name(), type));
    }
    return type;
  }

  /** What tokens are accompanied by has a value that its name tells. */
  private static Tensor integers(ValueInfo input, Shape shape, LongSupplier tokens) {
    String name = input.name().toLowerCase(Locale.ROOT);
    DType type = type(input);
    int size = Math.toIntExact(shape.size());
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.toIntExact(type.bytesFor(size))).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < size; i++) {
      long value = name.contains("mask") ? 1 : name.contains("type") ? 0 : tokens.getAsLong();
      if (type == DType.I64) {
        bytes.putLong(value);
      } else if (type == DType.I32) {
        bytes.putInt((int) value);
      } else {
        bytes.putFloat((float) value);
      }
    }
    return Tensor.of(type, shape, bytes.array());
  }

  /**
   * Samples from lines of JSON objects. An object with arrays named as the network's inputs is one
   * sample; of any other object each array is one, of tokens.
   *
   * @throws FormatException if a line is not a JSON object
   */
  public static List<Map<String, Tensor>> read(Path file, List<ValueInfo> inputs)
      throws IOException {
    List<Map<String, Tensor>> samples = new ArrayList<>();
    for (JsonNode object : objects(file)) {
      samples.addAll(samples(inputs, object));
    }
    if (samples.isEmpty()) {
      throw wrong(file, 1, "no line has an array of numbers");
    }
    return samples;
  }

  /**
   * All arrays of tokens in lines of JSON objects.
   *
   * @throws FormatException if a line is not a JSON object, or an array holds something else
   */
  static DataSet sequences(Path file) throws IOException {
    List<int[]> sequences = new ArrayList<>();
    for (JsonNode object : objects(file)) {
      for (JsonNode value : object) {
        if (value.isArray()) {
          int[] tokens = new int[value.size()];
          for (int i = 0; i < tokens.length; i++) {
            tokens[i] = value.get(i).asInt(-1);
            if (!value.get(i).isInt() || tokens[i] < 0) {
              throw wrong(file, sequences.size() + 1, "an array holds " + value.get(i));
            }
          }
          sequences.add(tokens);
        }
      }
    }
    if (sequences.isEmpty()) {
      throw wrong(file, 1, "no line has an array of tokens");
    }
    return DataSet.ofTokens(sequences);
  }

  /**
   * Pairs of sentences from lines of JSON objects that have two arrays of tokens and a number
   * {@code score}.
   *
   * @throws FormatException if a line is something else
   */
  public static List<SentencePairs.Pair> pairs(Path file, List<ValueInfo> inputs)
      throws IOException {
    List<SentencePairs.Pair> pairs = new ArrayList<>();
    for (JsonNode object : objects(file)) {
      List<Map<String, Tensor>> sentences = samples(inputs, object);
      if (sentences.size() != 2 || !object.path("score").isNumber()) {
        throw wrong(
            file,
            pairs.size() + 1,
            "holds %d arrays of tokens and %s score; evaluating needs two and a score"
                .formatted(sentences.size(), object.path("score").isNumber() ? "a" : "no"));
      }
      double score = object.path("score").asDouble();
      pairs.add(new SentencePairs.Pair(sentences.get(0), sentences.get(1), score));
    }
    return pairs;
  }

  /** The lines that are not blank. */
  private static List<JsonNode> objects(Path file) throws IOException {
    List<JsonNode> objects = new ArrayList<>();
    List<String> lines = Files.readAllLines(file);
    for (int number = 1; number <= lines.size(); number++) {
      if (lines.get(number - 1).isBlank()) {
        continue;
      }
      JsonNode object;
      try {
        object = JsonMapper.shared().readTree(lines.get(number - 1));
      } catch (JacksonException e) {
        throw wrong(file, number, "not JSON: " + e.getOriginalMessage());
      }
      if (!object.isObject()) {
        throw wrong(file, number, "not a JSON object");
      }
      objects.add(object);
    }
    return objects;
  }

  private static List<Map<String, Tensor>> samples(List<ValueInfo> inputs, JsonNode object) {
    List<Map<String, Tensor>> samples = new ArrayList<>();
    if (inputs.stream().allMatch(i -> object.path(i.name()).isArray())) {
      Map<String, Tensor> sample = new LinkedHashMap<>();
      inputs.forEach(i -> sample.put(i.name(), tensor(i, object.get(i.name()))));
      samples.add(sample);
    } else {
      for (JsonNode value : object) {
        if (value.isArray()) {
          samples.add(tokens(inputs, value));
        }
      }
    }
    return samples;
  }

  private static FormatException wrong(Path file, int line, String reason) {
    return new FormatException(file, FormatException.NOWHERE, "line " + line + ": " + reason);
  }

  private static Map<String, Tensor> tokens(List<ValueInfo> inputs, JsonNode ids) {
    Map<String, Tensor> sample = new LinkedHashMap<>();
    for (ValueInfo input : inputs) {
      int[] next = {0};
      sample.put(
          input.name(),
          integers(input, Shape.of(1, ids.size()), () -> ids.get(next[0]++).asLong()));
    }
    return sample;
  }

  /** A nested array of numbers, with a first axis of one if the network wants one axis more. */
  private static Tensor tensor(ValueInfo input, JsonNode array) {
    List<Long> dims = new ArrayList<>();
    for (JsonNode level = array; level.isArray() && !level.isEmpty(); level = level.get(0)) {
      dims.add((long) level.size());
    }
    if (input.dims().map(List::size).orElse(dims.size()) == dims.size() + 1) {
      dims.addFirst(1L);
    }
    Shape shape = Shape.of(dims.stream().mapToLong(d -> d).toArray());
    List<JsonNode> numbers = new ArrayList<>();
    flatten(array, numbers);
    if (numbers.size() != shape.size()) {
      throw new IllegalArgumentException(
          "input '%s': the arrays are not all of one length".formatted(input.name()));
    }
    if (type(input).isFloat()) {
      float[] values = new float[numbers.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = numbers.get(i).floatValue();
      }
      return Tensor.of(shape, values);
    }
    long[] values = numbers.stream().mapToLong(JsonNode::asLong).toArray();
    if (type(input) == DType.I64) {
      return Tensor.of(DType.I64, shape, bytes(values, Long.BYTES));
    }
    return Tensor.of(DType.I32, shape, bytes(values, Integer.BYTES));
  }

  private static byte[] bytes(long[] values, int width) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * width).order(ByteOrder.LITTLE_ENDIAN);
    for (long v : values) {
      if (width == Long.BYTES) {
        bytes.putLong(v);
      } else {
        bytes.putInt((int) v);
      }
    }
    return bytes.array();
  }

  private static void flatten(JsonNode node, List<JsonNode> into) {
    if (node.isArray()) {
      node.forEach(n -> flatten(n, into));
    } else {
      into.add(node);
    }
  }
}
