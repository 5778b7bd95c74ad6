package compress.encode;

import compress.model.DType;
import compress.model.FormatException;
import compress.model.MappedFile;
import compress.model.Shape;
import compress.model.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * A coded model, open for reading: any tensor can be decoded alone. The format is specified in
 * {@code docs/format.md}.
 */
public final class Container {
  static final byte[] MAGIC = "CMPR".getBytes(StandardCharsets.US_ASCII);
  static final byte[] END_MAGIC = "RPMC".getBytes(StandardCharsets.US_ASCII);
  static final int VERSION = 1;
  static final int HEADER_BYTES = 6;
  static final int FOOTER_BYTES = 12;

  /** A tensor in the container, {@code bytes} of it as coded. */
  public record TensorInfo(String name, DType type, Shape shape, long bytes) {}

  /**
   * A file that went in.
   *
   * @param name with slashes, relative to the folder of the first file; of the first only the
   *     suffix, such as {@code .onnx}
   * @param sha256 in lower-case hexadecimal
   */
  public record FileInfo(String name, long bytes, String sha256) {}

  private final Path path;
  private final MemorySegment bytes;
  private final Index index;
  private final long[] sectionOffsets;
  private final int[] firstSection;

  private Container(Path path, MemorySegment bytes, Index index, long indexOffset)
      throws FormatException {
    this.path = path;
    this.bytes = bytes;
    this.index = index;
    this.sectionOffsets = new long[index.sections().size()];
    long offset = HEADER_BYTES;
    for (int s = 0; s < sectionOffsets.length; s++) {
      sectionOffsets[s] = offset;
      offset += index.sections().get(s).bytes();
    }
    if (offset != indexOffset) {
      throw new FormatException(
          path, indexOffset, "the index starts here, but the sections end at byte " + offset);
    }
    this.firstSection = new int[index.tensors().size()];
    int section = (int) index.skeleton().chunks();
    for (int t = 0; t < firstSection.length; t++) {
      firstSection[t] = section;
      section += (int) index.tensors().get(t).cut().chunks();
    }
  }

  /**
   * Reads header, index and footer; the tensors stay where they are.
   *
   * @throws FormatException if this is not a container, one of a version not known here, or damaged
   */
  public static Container open(Path path) throws IOException {
    MemorySegment bytes = MappedFile.map(path);
    long size = bytes.byteSize();
    byte[] header = read(bytes, 0, (int) Math.min(size, HEADER_BYTES));
    ByteInput in = ByteInput.of(path, 0, header);
    for (byte m : MAGIC) {
      if (in.remaining() == 0 || in.readByte() != m) {
        throw new FormatException(
            path, 0, "does not start with 'CMPR': not written by 'encode', or damaged");
      }
    }
    int version = in.readByte() | in.readByte() << 8;
    if (version != VERSION) {
      throw new FormatException(
          path,
          MAGIC.length,
          "format version %d; this program reads version %d, a newer one may read it"
              .formatted(version, VERSION));
    }
    if (size < HEADER_BYTES + FOOTER_BYTES) {
      throw new FormatException(path, size, "ends in the middle; the file is truncated");
    }
    long footerOffset = size - FOOTER_BYTES;
    byte[] footer = read(bytes, footerOffset, FOOTER_BYTES);
    ByteInput end = ByteInput.of(path, footerOffset, footer);
    long indexBytes = end.readInt() & 0xffff_ffffL;
    int crc = end.readInt();
    for (byte m : END_MAGIC) {
      if (end.readByte() != m) {
        throw new FormatException(
            path, size - END_MAGIC.length, "does not end in 'RPMC'; the file is truncated");
      }
    }
    if (indexBytes > Math.min(footerOffset - HEADER_BYTES, Integer.MAX_VALUE - 8)) {
      throw new FormatException(path, footerOffset, "an index of " + indexBytes + " bytes");
    }
    long indexOffset = footerOffset - indexBytes;
    byte[] index = read(bytes, indexOffset, (int) indexBytes);
    if (crc32c(header, index, read(bytes, footerOffset, 4)) != crc) {
      throw new FormatException(path, indexOffset, "the index's checksum is wrong");
    }
    return new Container(
        path, bytes, Index.read(ByteInput.of(path, indexOffset, index)), indexOffset);
  }

  static int crc32c(byte[]... parts) {
    CRC32C crc = new CRC32C();
    for (byte[] part : parts) {
      crc.update(part);
    }
    return (int) crc.getValue();
  }

  private static byte[] read(MemorySegment bytes, long offset, int length) {
    return bytes.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
  }

  /** Whether a file of this name lies in the folder that it is relative to, or under it. */
  static boolean isSafeName(String name) {
    if (name.isEmpty() || name.startsWith("/") || name.indexOf(':') >= 0) {
      return false;
    }
    for (String part : name.split("/", -1)) {
      if (part.isEmpty() || part.equals(".") || part.equals("..")) {
        return false;
      }
    }
    return name.chars().noneMatch(c -> c < ' ' || c == '\\');
  }

  Index index() {
    return index;
  }

  /** The files that went in, the model's own first. */
  public List<FileInfo> files() {
    return index.files().stream().map(f -> new FileInfo(f.name(), f.bytes(), f.sha256())).toList();
  }

  /** The tensors in the order of the files that they lie in. */
  public List<TensorInfo> tensors() {
    List<TensorInfo> infos = new ArrayList<>();
    for (int t = 0; t < firstSection.length; t++) {
      Index.Entry tensor = index.tensors().get(t);
      long coded = 0;
      for (int c = 0; c < tensor.cut().chunks(); c++) {
        coded += index.sections().get(firstSection[t] + c).bytes();
      }
      infos.add(new TensorInfo(tensor.name(), tensor.type(), tensor.shape(), coded));
    }
    return infos;
  }

  /**
   * Decodes one tensor and no other.
   *
   * @throws FormatException if it is damaged, or larger than the memory that Java may use
   * @throws IllegalArgumentException if there is none of this name
   */
  public Tensor tensor(String name) throws IOException {
    for (int t = 0; t < firstSection.length; t++) {
      if (index.tensors().get(t).name().equals(name)) {
        return tensor(t);
      }
    }
    throw new IllegalArgumentException(path + " holds no tensor '" + name + "'");
  }

  private Tensor tensor(int number) throws IOException {
    Index.Entry tensor = index.tensors().get(number);
    if (tensor.bytes() > Runtime.getRuntime().maxMemory()) {
      throw new FormatException(
          path,
          sectionOffsets[firstSection[number]],
          "tensor '%s' takes %d bytes, Java may use %d; a larger -Xmx allows it"
              .formatted(tensor.name(), tensor.bytes(), Runtime.getRuntime().maxMemory()));
    }
    MemorySegment data = Arena.ofAuto().allocate(tensor.bytes(), 64);
    Form.Cut cut = tensor.cut();
    for (int c = 0; c < cut.chunks(); c++) {
      byte[] elements = decode(firstSection[number] + c, cut.chunk(c));
      MemorySegment.copy(elements, 0, data, ValueLayout.JAVA_BYTE, cut.offset(c), elements.length);
    }
    return new Tensor(tensor.type(), tensor.shape(), data.asReadOnly());
  }

  /** The elements of a section, whose form the caller knows. */
  byte[] decode(int section, Form form) throws FormatException {
    Index.Section s = index.sections().get(section);
    long offset = sectionOffsets[section];
    byte[] coded = read(bytes, offset, s.bytes());
    if (crc32c(coded) != s.crc32c()) {
      throw new FormatException(
          path, offset, "the checksum of a section of " + s.bytes() + " bytes is wrong");
    }
    byte[] elements = new byte[form.bytes()];
    ByteInput in = ByteInput.of(path, offset, coded);
    Index.coder(s.coder(), in).decode(in, form, elements);
    return elements;
  }

  /** The forms of all sections, in order. */
  List<Form> forms() {
    List<Form> forms = new ArrayList<>();
    Form.Cut skeleton = index.skeleton();
    for (int c = 0; c < skeleton.chunks(); c++) {
      forms.add(skeleton.chunk(c));
    }
    for (Index.Entry tensor : index.tensors()) {
      for (int c = 0; c < tensor.cut().chunks(); c++) {
        forms.add(tensor.cut().chunk(c));
      }
    }
    return forms;
  }
}
