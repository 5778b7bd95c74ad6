package compress.encode;

import compress.model.DType;
import compress.model.FormatException;
import compress.model.Shape;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * What a container holds and where: the files that went in, their skeletons and their tensors. All
 * but the checksums, which look like noise, is itself coded as a chunk of bytes.
 *
 * @param sections in the order of their bytes in the container: the skeleton's, then those of the
 *     tensors in order
 */
record Index(List<SourceFile> files, List<Entry> tensors, List<Section> sections) {
  private static final int MOST_FILES = 1 << 16;
  private static final int MOST_AXES = 64;
  private static final int LONGEST_NAME = 1 << 16;
  private static final int MOST_BYTES = 1 << 26;
  private static final int HASH_BYTES = 32;

  /**
   * A file that went in.
   *
   * @param name relative to the first file's folder, with slashes; of the first only the suffix,
   *     {@code .onnx}, since who decodes it names it
   * @param sha256 in lower-case hexadecimal
   */
  record SourceFile(String name, long bytes, String sha256) {}

  /** A tensor that went in: {@code offset} counts from the start of file number {@code file}. */
  record Entry(int file, long offset, String name, DType type, Shape shape) {
    long bytes() {
      return type.bytesFor(shape.size());
    }

    /** Whether name and shape are within what a reader accepts. */
    boolean fits() {
      return name.getBytes(StandardCharsets.UTF_8).length <= LONGEST_NAME
          && shape.rank() <= MOST_AXES;
    }

    Form.Cut cut() {
      return Form.Cut.of(type, shape);
    }
  }

  /** A coded chunk. */
  record Section(int coder, int bytes, int crc32c) {}

  /** What of all files is not a tensor's, as if it were one. */
  Form.Cut skeleton() {
    long bytes = 0;
    for (SourceFile file : files) {
      bytes += file.bytes();
    }
    for (Entry tensor : tensors) {
      bytes -= tensor.bytes();
    }
    return Form.Cut.of(DType.U8, Shape.of(bytes));
  }

  /** The index as it stands in the file, and the ledger's row on it. */
  record Written(byte[] bytes, Ledger row) {}

  Written write(CoderChoice choice) {
    byte[] table = table();
    if (table.length > Form.MOST_ELEMENTS) {
      throw new IllegalArgumentException(
          "%d tensors take %d bytes of index, at most %d fit"
              .formatted(tensors.size(), table.length, Form.MOST_ELEMENTS));
    }
    Form form = Form.vector(DType.U8, table.length);
    Chunk chunk = new Chunk(form, table);
    Coded coded = Coders.smallest(chunk, choice);
    ByteOutput out = new ByteOutput();
    out.writeByte(coded.coder().id());
    out.writeVarint(table.length);
    out.writeVarint(coded.bytes().length);
    out.write(coded.bytes());
    for (SourceFile f : files) {
      out.write(HexFormat.of().parseHex(f.sha256()));
    }
    for (Section section : sections) {
      out.writeInt(section.crc32c());
    }
    int noise = HASH_BYTES * files.size() + Integer.BYTES * sections.size();
    double entropy = chunk.symbols().orElseThrow().histogram().entropyBytes() + noise;
    return new Written(
        out.toByteArray(),
        new Ledger("index", coded.coder().name(), table.length + noise, entropy, out.size()));
  }

  /** All but the checksums. */
  byte[] table() {
    ByteOutput table = new ByteOutput();
    table.writeVarint(files.size());
    for (SourceFile file : files) {
      writeName(table, file.name());
      table.writeVarint(file.bytes());
    }
    table.writeVarint(tensors.size());
    int file = 0;
    long position = 0;
    for (Entry tensor : tensors) {
      if (tensor.file() != file) {
        position = 0;
      }
      table.writeVarint(tensor.file() - file);
      table.writeVarint(tensor.offset() - position);
      writeName(table, tensor.name());
      table.writeByte(tensor.type().onnxCode());
      table.writeByte(tensor.shape().rank());
      for (long dim : tensor.shape().toArray()) {
        table.writeVarint(dim);
      }
      file = tensor.file();
      position = tensor.offset() + tensor.bytes();
    }
    for (Section section : sections) {
      table.writeByte(section.coder());
      table.writeVarint(section.bytes());
    }
    return table.toByteArray();
  }

  private static void writeName(ByteOutput out, String name) {
    byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
    out.writeVarint(utf8.length);
    out.write(utf8);
  }

  /** Reads what {@link #write} wrote; its checksum has been found right. */
  static Index read(ByteInput in) throws FormatException {
    Coder coder = coder(in.readByte(), in);
    int tableBytes = (int) in.readVarint(Form.MOST_ELEMENTS, "the index's length");
    int codedBytes = (int) in.readVarint(MOST_BYTES, "the coded index's length");
    if (tableBytes == 0) {
      throw in.failure("an empty index");
    }
    byte[] bytes = new byte[tableBytes];
    coder.decode(in.slice(codedBytes), Form.vector(DType.U8, tableBytes), bytes);
    ByteInput table = in.decoded(bytes);
    List<SourceFile> files = readFiles(table, in);
    List<Entry> tensors = readTensors(table, files);
    Index withoutSections = new Index(files, tensors, List.of());
    List<Section> sections = withoutSections.readSections(table, in);
    table.expectEnd();
    in.expectEnd();
    return new Index(files, tensors, sections);
  }

  static Coder coder(int id, ByteInput in) throws FormatException {
    return Coders.withId(id)
        .orElseThrow(
            () -> in.failure("coder " + id + " is not known here; a newer version may have it"));
  }

  private static List<SourceFile> readFiles(ByteInput table, ByteInput hashes)
      throws FormatException {
    int count = (int) table.readVarint(MOST_FILES, "the number of files");
    if (count == 0) {
      throw table.failure("a container of no file");
    }
    List<SourceFile> files = new ArrayList<>();
    for (int f = 0; f < count; f++) {
      String name = readName(table);
      long bytes = table.readVarint(Long.MAX_VALUE / MOST_FILES, "a file's length");
      files.add(new SourceFile(name, bytes, HexFormat.of().formatHex(hashes.read(HASH_BYTES))));
    }
    return files;
  }

  private static String readName(ByteInput table) throws FormatException {
    int length = (int) table.readVarint(LONGEST_NAME, "a name's length");
    return new String(table.read(length), StandardCharsets.UTF_8);
  }

  private static List<Entry> readTensors(ByteInput table, List<SourceFile> files)
      throws FormatException {
    int count = (int) table.readVarint(table.remaining(), "the number of tensors");
    List<Entry> tensors = new ArrayList<>();
    int file = 0;
    long position = 0;
    for (int t = 0; t < count; t++) {
      int step = (int) table.readVarint(files.size() - 1L - file, "a tensor's file");
      file += step;
      position = step > 0 ? 0 : position;
      long left = files.get(file).bytes() - position;
      long offset = position + table.readVarint(left, "a tensor's distance from the one before");
      String name = readName(table);
      int code = table.readByte();
      DType type =
          DType.ofOnnx(code)
              .orElseThrow(() -> table.failure("element type " + code + " is not known"));
      Entry tensor = new Entry(file, offset, name, type, readShape(table, type));
      position = offset + tensor.bytes();
      if (position > files.get(file).bytes()) {
        throw table.failure("tensor '" + name + "' goes past the end of its file");
      }
      tensors.add(tensor);
    }
    return tensors;
  }

  private static Shape readShape(ByteInput table, DType type) throws FormatException {
    int rank = table.readByte();
    if (rank > MOST_AXES) {
      throw table.failure(rank + " axes, at most " + MOST_AXES);
    }
    long[] dims = new long[rank];
    for (int axis = 0; axis < rank; axis++) {
      dims[axis] = table.readVarint(Long.MAX_VALUE, "an axis");
    }
    try {
      Shape shape = Shape.of(dims);
      Math.multiplyExact(shape.size(), (long) type.bits());
      return shape;
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw table.failure("a shape too large: " + e.getMessage());
    }
  }

  private List<Section> readSections(ByteInput table, ByteInput checksums) throws FormatException {
    long count = skeleton().chunks();
    for (Entry tensor : tensors) {
      count += tensor.cut().chunks();
    }
    // Two bytes here and four of checksum each: more cannot be.
    if (count > table.remaining() / 2) {
      throw table.failure(count + " sections in " + table.remaining() + " bytes of index");
    }
    List<Section> sections = new ArrayList<>();
    for (long s = 0; s < count; s++) {
      int coder = table.readByte();
      int bytes = (int) table.readVarint(2L * Form.MOST_BYTES, "a section's length");
      sections.add(new Section(coder, bytes, checksums.readInt()));
    }
    return sections;
  }
}
