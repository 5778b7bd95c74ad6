package compress.model.safetensors;

import compress.model.AtomicFile;
import compress.model.DType;
import compress.model.FileLayout;
import compress.model.FormatException;
import compress.model.Model;
import compress.model.Param;
import compress.model.Shape;
import compress.model.Tensor;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads and writes safetensors files with all checks of the reference implementation: header at
 * most 100 MB, no key twice, tensors without holes or overlaps up to the last byte of the file.
 *
 * @see <a href="https://github.com/huggingface/safetensors#format">the format</a>
 */
public final class Safetensors {
  private static final long MAX_HEADER = 100_000_000;
  private static final String METADATA = "__metadata__";
  private static final int WRITE_AT_ONCE = 1 << 24;

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private Safetensors() {}

  /** Reads {@code bytes}, the whole of {@code file}; tensors are views of it. */
  public static Model read(Path file, MemorySegment bytes) throws FormatException {
    Header header = header(file, bytes);
    SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
    for (FileLayout.Span s : header.spans) {
      tensors.put(s.name(), new Tensor(s.type(), s.shape(), bytes.asSlice(s.offset(), s.bytes())));
    }
    Map<String, String> metadata = new LinkedHashMap<>(header.metadata);
    SequencedMap<String, Param> params = Idioms.lift(file, tensors, metadata);
    return new Model(Optional.empty(), params, Map.of(), metadata, new byte[0]);
  }

  /** Where the tensors lie. */
  public static FileLayout layout(Path file, MemorySegment bytes) throws FormatException {
    return new FileLayout(List.of(file), header(file, bytes).spans);
  }

  private record Header(List<FileLayout.Span> spans, Map<String, String> metadata) {}

  private static Header header(Path file, MemorySegment bytes) throws FormatException {
    if (bytes.byteSize() < 8) {
      throw new FormatException(file, bytes.byteSize(), "file ends inside the header's length");
    }
    long length = bytes.get(ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), 0);
    if (length < 0 || length > MAX_HEADER) {
      throw new FormatException(
          file, 0, "header of " + Long.toUnsignedString(length) + " bytes, more than 100 MB");
    }
    if (length > bytes.byteSize() - 8) {
      throw new FormatException(
          file,
          bytes.byteSize(),
          "file ends inside the header, which should end at byte " + (8 + length));
    }
    ObjectNode json = parse(file, bytes.asSlice(8, length).toArray(ValueLayout.JAVA_BYTE));
    Map<String, String> metadata = new LinkedHashMap<>();
    List<FileLayout.Span> spans = new ArrayList<>();
    for (Map.Entry<String, JsonNode> e : json.properties()) {
      if (!e.getKey().equals(METADATA)) {
        spans.add(span(file, e.getKey(), e.getValue(), 8 + length));
        continue;
      }
      for (Map.Entry<String, JsonNode> m : e.getValue().properties()) {
        if (!m.getValue().isString()) {
          throw new FormatException(file, 8, METADATA + "." + m.getKey() + " is not a string");
        }
        metadata.put(m.getKey(), m.getValue().stringValue());
      }
    }
    spans.sort(
        Comparator.comparingLong(FileLayout.Span::offset)
            .thenComparingLong(FileLayout.Span::bytes));
    checkCovers(file, spans, 8 + length, bytes.byteSize());
    return new Header(List.copyOf(spans), metadata);
  }

  private static ObjectNode parse(Path file, byte[] header) throws FormatException {
    try {
      if (JSON.readTree(header) instanceof ObjectNode object) {
        return object;
      }
      throw new FormatException(file, 8, "the header is not a JSON object");
    } catch (JacksonException e) {
      long offset = e.getLocation() == null ? 0 : Math.max(0, e.getLocation().getByteOffset());
      throw new FormatException(
          file, 8 + offset, "the header is not valid JSON: " + e.getOriginalMessage(), e);
    }
  }

  private static FileLayout.Span span(Path file, String name, JsonNode entry, long dataStart)
      throws FormatException {
    JsonNode dtype = entry.path("dtype");
    JsonNode shape = entry.path("shape");
    JsonNode offsets = entry.path("data_offsets");
    if (!dtype.isString() || !shape.isArray() || !offsets.isArray() || offsets.size() != 2) {
      throw new FormatException(
          file, 8, "'" + name + "' needs dtype, shape and data_offsets of two numbers");
    }
    Optional<DType> type = DType.ofSafetensors(dtype.stringValue());
    if (type.isEmpty()) {
      throw new FormatException(
          file, 8, "'" + name + "' has dtype '" + dtype.stringValue() + "', which is not known");
    }
    long begin = natural(file, name, offsets.get(0));
    long end = natural(file, name, offsets.get(1));
    long[] dims = new long[shape.size()];
    for (int i = 0; i < dims.length; i++) {
      dims[i] = natural(file, name, shape.get(i));
    }
    try {
      Shape s = Shape.of(dims);
      long bytes = type.get().bytesFor(s.size());
      if (end - begin != bytes) {
        throw new FormatException(
            file,
            8,
            "'%s' is %s %s and takes %d bytes, but its data_offsets span %d"
                .formatted(name, type.get(), s, bytes, end - begin));
      }
      return new FileLayout.Span(0, name, type.get(), s, Math.addExact(dataStart, begin));
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new FormatException(file, 8, "'" + name + "': " + e.getMessage(), e);
    }
  }

  private static long natural(Path file, String name, JsonNode number) throws FormatException {
    if (!number.isIntegralNumber() || !number.canConvertToLong() || number.longValue() < 0) {
      throw new FormatException(
          file, 8, "'" + name + "': " + number + " is not a length or an offset");
    }
    return number.longValue();
  }

  private static void checkCovers(
      Path file, List<FileLayout.Span> spans, long dataStart, long fileEnd) throws FormatException {
    long at = dataStart;
    for (FileLayout.Span s : spans) {
      if (s.offset() != at) {
        throw new FormatException(
            file,
            s.offset(),
            "'%s' should start at byte %d, where the tensor before it ends"
                .formatted(s.name(), at));
      }
      at += s.bytes();
      if (at > fileEnd) {
        throw new FormatException(
            file, fileEnd, "file ends inside '" + s.name() + "', which ends at byte " + at);
      }
    }
    if (at != fileEnd) {
      throw new FormatException(
          file, at, (fileEnd - at) + " bytes after the last tensor belong to none");
    }
  }

  /**
   * Writes the params, largest elements first and then by name, as the reference implementation
   * does; the header is padded with spaces so that elements are aligned.
   *
   * @throws IllegalArgumentException if the model has a graph, which the format cannot hold
   */
  public static void write(Model model, Path file) throws IOException {
    if (model.graph().isPresent()) {
      throw new IllegalArgumentException(
          file + ": safetensors holds no graph, and this model has one; write .onnx");
    }
    Map<String, String> metadata = new LinkedHashMap<>(model.metadata());
    SequencedMap<String, Tensor> tensors = Idioms.lower(model.params().values(), metadata);
    List<Map.Entry<String, Tensor>> ordered = new ArrayList<>(tensors.entrySet());
    ordered.sort(
        Comparator.comparingInt((Map.Entry<String, Tensor> e) -> -e.getValue().type().bits())
            .thenComparing(Map.Entry::getKey));
    ObjectNode header = JSON.createObjectNode();
    if (!metadata.isEmpty()) {
      ObjectNode m = header.putObject(METADATA);
      metadata.forEach(m::put);
    }
    long at = 0;
    for (Map.Entry<String, Tensor> e : ordered) {
      Tensor t = e.getValue();
      ObjectNode entry = header.putObject(e.getKey());
      entry.put("dtype", t.type().safetensorsName());
      var shape = entry.putArray("shape");
      for (long d : t.shape().toArray()) {
        shape.add(d);
      }
      entry.putArray("data_offsets").add(at).add(at + t.data().byteSize());
      at += t.data().byteSize();
    }
    byte[] json = JSON.writeValueAsBytes(header);
    int padding = Math.floorMod(-json.length, 8);
    try (AtomicFile out = AtomicFile.create(file)) {
      OutputStream stream = Channels.newOutputStream(out.channel());
      stream.write(
          ByteBuffer.allocate(8)
              .order(ByteOrder.LITTLE_ENDIAN)
              .putLong(json.length + padding)
              .array());
      stream.write(json);
      stream.write(" ".repeat(padding).getBytes(java.nio.charset.StandardCharsets.US_ASCII));
      for (Map.Entry<String, Tensor> e : ordered) {
        MemorySegment data = e.getValue().data();
        for (long from = 0; from < data.byteSize(); from += WRITE_AT_ONCE) {
          long length = Math.min(WRITE_AT_ONCE, data.byteSize() - from);
          stream.write(data.asSlice(from, length).toArray(ValueLayout.JAVA_BYTE));
        }
      }
      out.commit();
    }
  }
}
