package compress.encode;

import compress.model.FileLayout;
import compress.model.MappedFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** A model's files, mapped, seen as the chunks that they are coded in. */
final class Source {
  private final List<Path> paths;
  private final List<MemorySegment> files;
  private final List<Index.Entry> tensors;
  private final Skeleton skeleton;
  private final List<Piece> pieces = new ArrayList<>();

  /**
   * A chunk to be.
   *
   * @param tensor which, or -1 for the skeleton
   * @param offset bytes from the tensor's or the skeleton's start
   */
  record Piece(int tensor, Form form, long offset) {}

  private Source(
      List<Path> paths,
      List<MemorySegment> files,
      List<Index.Entry> tensors,
      List<Index.SourceFile> sizes) {
    this.paths = paths;
    this.files = files;
    this.tensors = tensors;
    this.skeleton = Skeleton.of(sizes, tensors);
    add(-1, new Index(sizes, tensors, List.of()).skeleton());
    for (int t = 0; t < tensors.size(); t++) {
      add(t, tensors.get(t).cut());
    }
  }

  private void add(int tensor, Form.Cut cut) {
    for (long c = 0; c < cut.chunks(); c++) {
      pieces.add(new Piece(tensor, cut.chunk(c), cut.offset(c)));
    }
  }

  /**
   * @throws IllegalArgumentException if the layout does not fit the files: spans out of order,
   *     overlapping or past the end
   */
  static Source open(FileLayout layout) throws IOException {
    List<MemorySegment> files = new ArrayList<>();
    List<Index.SourceFile> sizes = new ArrayList<>();
    for (Path path : layout.files()) {
      MemorySegment file = MappedFile.map(path);
      files.add(file);
      sizes.add(new Index.SourceFile("", file.byteSize(), ""));
    }
    List<Index.Entry> tensors = new ArrayList<>();
    int file = 0;
    long position = 0;
    for (FileLayout.Span span : layout.spans()) {
      position = span.file() == file ? position : 0;
      if (span.file() < file
          || span.offset() < position
          || span.offset() + span.bytes() > files.get(span.file()).byteSize()) {
        throw new IllegalArgumentException(span + " is out of order or past the end");
      }
      file = span.file();
      position = span.offset() + span.bytes();
      Index.Entry entry =
          new Index.Entry(span.file(), span.offset(), span.name(), span.type(), span.shape());
      // What the index cannot name stays a part of the skeleton.
      if (entry.fits()) {
        tensors.add(entry);
      }
    }
    return new Source(layout.files(), files, tensors, sizes);
  }

  List<Index.Entry> tensors() {
    return tensors;
  }

  List<Piece> pieces() {
    return pieces;
  }

  long bytes() {
    return files.stream().mapToLong(MemorySegment::byteSize).sum();
  }

  byte[] read(Piece piece) {
    byte[] bytes = new byte[piece.form().bytes()];
    if (piece.tensor() >= 0) {
      Index.Entry tensor = tensors.get(piece.tensor());
      MemorySegment.copy(
          files.get(tensor.file()),
          ValueLayout.JAVA_BYTE,
          tensor.offset() + piece.offset(),
          bytes,
          0,
          bytes.length);
      return bytes;
    }
    for (Skeleton.Run run : skeleton.runs(piece.offset(), bytes.length)) {
      MemorySegment.copy(
          files.get(run.file()),
          ValueLayout.JAVA_BYTE,
          run.offset(),
          bytes,
          (int) (run.at() - piece.offset()),
          (int) run.bytes());
    }
    return bytes;
  }

  /** The files with their sums; the first by its suffix, others by their way from its folder. */
  List<Index.SourceFile> describe() {
    List<Index.SourceFile> described = new ArrayList<>();
    for (int f = 0; f < files.size(); f++) {
      described.add(new Index.SourceFile(name(f), files.get(f).byteSize(), sha256(files.get(f))));
    }
    return described;
  }

  private String name(int file) {
    Path main = paths.getFirst().toAbsolutePath().normalize();
    if (file == 0) {
      String name = main.getFileName().toString();
      int dot = name.lastIndexOf('.');
      return dot < 0 ? "" : name.substring(dot);
    }
    Path folder = main.getParent();
    Path absolute = paths.get(file).toAbsolutePath().normalize();
    Path relative = folder == null ? absolute : folder.relativize(absolute);
    String name = relative.toString().replace('\\', '/');
    if (!Container.isSafeName(name)) {
      throw new IllegalArgumentException(
          paths.get(file) + " does not lie beside " + main + ": a container cannot restore it");
    }
    return name;
  }

  /** In lower-case hexadecimal. */
  static String sha256(MemorySegment file) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (long at = 0; at < file.byteSize(); at += Form.MOST_BYTES) {
        ByteBuffer piece =
            file.asSlice(at, Math.min(Form.MOST_BYTES, file.byteSize() - at)).asByteBuffer();
        digest.update(piece);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
