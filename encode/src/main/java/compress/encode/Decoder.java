package compress.encode;

import compress.model.AtomicFile;
import compress.model.FormatException;
import compress.model.MappedFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Restores from a container the very files that went in. */
public final class Decoder {
  private final Container container;
  private final Index index;
  private final Skeleton skeleton;
  private final List<AtomicFile> files = new ArrayList<>();

  private Decoder(Container container) {
    this.container = container;
    this.index = container.index();
    this.skeleton = Skeleton.of(index.files(), index.tensors());
  }

  /**
   * The files that {@link #decode} would write: {@code out}, and beside it or below its folder
   * those of external data.
   *
   * @throws FormatException if a file's name leads out of that folder
   */
  public static List<Path> outputs(Path container, Path out) throws IOException {
    return outputs(Container.open(container), container, out);
  }

  private static List<Path> outputs(Container container, Path path, Path out)
      throws FormatException {
    List<Path> outputs = new ArrayList<>();
    for (Container.FileInfo file : container.files()) {
      if (outputs.isEmpty()) {
        outputs.add(out);
      } else if (Container.isSafeName(file.name())) {
        outputs.add(out.resolveSibling(file.name()));
      } else {
        throw new FormatException(
            path,
            FormatException.NOWHERE,
            "a file named '" + file.name() + "' would be written outside the output's folder");
      }
    }
    if (outputs.stream().map(p -> p.toAbsolutePath().normalize()).distinct().count()
        < outputs.size()) {
      throw new FormatException(
          path, FormatException.NOWHERE, "two files would be written to one name: " + outputs);
    }
    return outputs;
  }

  /**
   * Writes the model to {@code out} and its external data beside it. The files get their names only
   * when all of them have the checksums of those that went in; what had the names is replaced.
   *
   * @return the files written, {@code out} first, with their sums
   * @throws FormatException if the container is damaged
   * @throws IOException if the disk has no room or cannot be written
   */
  public static List<Container.FileInfo> decode(Path container, Path out) throws IOException {
    return decode(container, out, 2, Progress.NONE);
  }

  /** As {@link #decode(Path, Path)}, on so many threads, telling how far things are. */
  public static List<Container.FileInfo> decode(Path path, Path out, int threads, Progress progress)
      throws IOException {
    Container container = Container.open(path);
    List<Path> outputs = outputs(container, path, out);
    Decoder decoder = new Decoder(container);
    try {
      decoder.requireRoom(path, out);
      for (Path output : outputs) {
        decoder.files.add(AtomicFile.create(output));
      }
      decoder.write(threads, progress);
      decoder.check(path);
      // The model last: where it is, its data is too.
      for (int f = outputs.size() - 1; f >= 0; f--) {
        decoder.files.get(f).commit();
      }
    } finally {
      for (AtomicFile file : decoder.files) {
        file.close();
      }
    }
    return container.files();
  }

  private long bytes() {
    return index.files().stream().mapToLong(Index.SourceFile::bytes).sum();
  }

  /** A container of a few bytes may stand for, or just claim, more than the disk holds. */
  private void requireRoom(Path path, Path out) throws IOException {
    Path folder = out.toAbsolutePath();
    while (folder != null && !Files.isDirectory(folder)) {
      folder = folder.getParent();
    }
    if (folder != null) {
      long free = Files.getFileStore(folder).getUsableSpace();
      if (free < bytes()) {
        throw new IOException(
            "%s decodes to %d bytes; %s has room for %d".formatted(path, bytes(), folder, free));
      }
    }
  }

  private void write(int threads, Progress progress) throws IOException {
    List<Piece> pieces = pieces();
    long[] done = {0};
    InOrder.run(
        threads,
        pieces.size(),
        p -> container.decode(p, pieces.get(p).form()),
        (p, elements) -> {
          for (Skeleton.Run run : pieces.get(p).runs()) {
            int from = (int) (run.at() - pieces.get(p).at());
            write(
                files.get(run.file()).channel(),
                ByteBuffer.wrap(elements, from, (int) run.bytes()),
                run.offset());
          }
          done[0] += elements.length;
          progress.at(done[0], bytes());
        });
  }

  /** A section to be, and where in the files its bytes go. */
  private record Piece(Form form, long at, List<Skeleton.Run> runs) {}

  private List<Piece> pieces() {
    List<Piece> pieces = new ArrayList<>();
    Form.Cut cut = index.skeleton();
    for (long c = 0; c < cut.chunks(); c++) {
      Form form = cut.chunk(c);
      pieces.add(new Piece(form, cut.offset(c), skeleton.runs(cut.offset(c), form.bytes())));
    }
    for (Index.Entry tensor : index.tensors()) {
      cut = tensor.cut();
      for (long c = 0; c < cut.chunks(); c++) {
        Form form = cut.chunk(c);
        long offset = tensor.offset() + cut.offset(c);
        Skeleton.Run run = new Skeleton.Run(cut.offset(c), tensor.file(), offset, form.bytes());
        pieces.add(new Piece(form, cut.offset(c), List.of(run)));
      }
    }
    return pieces;
  }

  private static void write(FileChannel channel, ByteBuffer bytes, long offset) throws IOException {
    long at = offset;
    while (bytes.hasRemaining()) {
      at += channel.write(bytes, at);
    }
  }

  private void check(Path path) throws IOException {
    for (int f = 0; f < files.size(); f++) {
      String sha256 = Source.sha256(MappedFile.map(files.get(f).temporary()));
      if (!sha256.equals(index.files().get(f).sha256())) {
        throw new FormatException(
            path,
            FormatException.NOWHERE,
            "decodes to a file of SHA-256 %s, not %s"
                .formatted(sha256, index.files().get(f).sha256()));
      }
    }
  }
}
