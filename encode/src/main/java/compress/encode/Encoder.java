package compress.encode;

import compress.model.AtomicFile;
import compress.model.FileLayout;
import compress.model.FormatException;
import compress.model.MappedFile;
import compress.model.ModelFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Writes a model's files as one container, from which {@link Decoder} restores them to the byte.
 * Memory is bounded by the chunks under way, not by the model.
 */
public final class Encoder {
  private final Source source;
  private final EncodeOptions options;
  private final List<Index.Section> sections = new ArrayList<>();
  private final Tally skeleton = new Tally();
  private final List<Tally> tensors = new ArrayList<>();
  private long done;

  private Encoder(Source source, EncodeOptions options) {
    this.source = source;
    this.options = options;
    for (int t = 0; t < source.tensors().size(); t++) {
      tensors.add(new Tally());
    }
  }

  /**
   * Encodes a model's file and those of its external data; see {@link #encode(FileLayout, Path,
   * EncodeOptions)}.
   *
   * @throws FormatException if the file is damaged or not a model
   */
  public static EncodeReport encode(Path model, Path out, EncodeOptions options)
      throws IOException {
    return encode(ModelFiles.layout(model), out, options);
  }

  /**
   * Encodes the files of {@code layout}, reads back what was written, compares it with them byte by
   * byte, and only then gives {@code out} its name.
   *
   * @throws IOException if a file cannot be read or written, or was changed meanwhile
   * @throws IllegalArgumentException if the layout does not fit the files, or if one of them does
   *     not lie in the model's folder or below
   */
  public static EncodeReport encode(FileLayout layout, Path out, EncodeOptions options)
      throws IOException {
    Source source = Source.open(layout);
    Encoder encoder = new Encoder(source, options);
    try (AtomicFile file = AtomicFile.create(out)) {
      EncodeReport report =
          encoder.write(bytes -> writeAll(file.channel(), bytes), 2 * source.bytes());
      encoder.verify(file.temporary());
      String sha256 = Source.sha256(MappedFile.map(file.temporary()));
      file.commit();
      return new EncodeReport(
          report.files(), report.bytes(), sha256, report.ledger(), report.tensors());
    }
  }

  /** What {@link #encode} would report, but writes nothing. */
  public static EncodeReport measure(FileLayout layout, EncodeOptions options) throws IOException {
    Source source = Source.open(layout);
    return new Encoder(source, options).write(bytes -> {}, source.bytes());
  }

  private interface Sink {
    void accept(byte[] bytes) throws IOException;
  }

  private static void writeAll(WritableByteChannel channel, byte[] bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  private EncodeReport write(Sink sink, long work) throws IOException {
    ByteOutput header = new ByteOutput();
    header.write(Container.MAGIC);
    header.writeByte(Container.VERSION);
    header.writeByte(Container.VERSION >>> 8);
    sink.accept(header.toByteArray());
    InOrder.run(
        options.threads(),
        source.pieces().size(),
        piece -> code(source.pieces().get(piece)),
        (piece, coded) -> {
          sink.accept(coded.coded().bytes());
          add(source.pieces().get(piece), coded);
          options.progress().at(done, work);
        });
    List<Index.SourceFile> files = source.describe();
    Index index = new Index(files, source.tensors(), sections);
    Index.Written written = index.write(options.coder());
    sink.accept(written.bytes());
    ByteOutput footer = new ByteOutput();
    footer.writeInt(written.bytes().length);
    footer.writeInt(Container.crc32c(header.toByteArray(), written.bytes(), footer.toByteArray()));
    footer.write(Container.END_MAGIC);
    sink.accept(footer.toByteArray());
    return report(files, written.row());
  }

  private record CodedPiece(Coded coded, long nonzero) {}

  private CodedPiece code(Source.Piece piece) {
    Chunk chunk = new Chunk(piece.form(), source.read(piece));
    // Weights in the paper's way are in none other, even where another made them smaller.
    boolean numbers = piece.tensor() >= 0 && options.coder() == CoderChoice.HUFFMAN;
    Coded coded =
        numbers
            ? Coders.smallestOfNumbers(chunk, options.coder())
            : Coders.smallest(chunk, options.coder());
    return new CodedPiece(coded, chunk.nonzero());
  }

  private void add(Source.Piece piece, CodedPiece coded) {
    byte[] bytes = coded.coded().bytes();
    sections.add(
        new Index.Section(coded.coded().coder().id(), bytes.length, Container.crc32c(bytes)));
    (piece.tensor() < 0 ? skeleton : tensors.get(piece.tensor()))
        .add(coded.coded(), coded.nonzero());
    done += piece.form().bytes();
  }

  private EncodeReport report(List<Index.SourceFile> files, Ledger indexRow) {
    List<Ledger> ledger = new ArrayList<>();
    ledger.add(fixed("header", Container.HEADER_BYTES));
    for (Stream s : skeleton.streams()) {
      ledger.add(new Ledger("skeleton", s.coder(), s.symbols(), s.entropyBytes(), s.bytes()));
    }
    List<EncodeReport.TensorReport> reports = new ArrayList<>();
    for (int t = 0; t < tensors.size(); t++) {
      Index.Entry entry = source.tensors().get(t);
      Tally tally = tensors.get(t);
      ledger.addAll(tally.rows(entry.name()));
      reports.add(
          new EncodeReport.TensorReport(
              entry.name(),
              entry.type(),
              entry.shape(),
              tally.coder(),
              tally.nonzero(),
              tally.streams(),
              tally.bytes()));
    }
    ledger.add(indexRow);
    ledger.add(fixed("footer", Container.FOOTER_BYTES));
    return new EncodeReport(
        files.stream().map(f -> new Container.FileInfo(f.name(), f.bytes(), f.sha256())).toList(),
        ledger.stream().mapToLong(Ledger::bytes).sum(),
        "",
        ledger,
        reports);
  }

  private static Ledger fixed(String section, int bytes) {
    return new Ledger(section, "stored", bytes, bytes, bytes);
  }

  /** Decodes what was written and compares it with what was read. */
  private void verify(Path written) throws IOException {
    Container container = Container.open(written);
    long work = 2 * source.bytes();
    InOrder.run(
        options.threads(),
        source.pieces().size(),
        p -> {
          Source.Piece piece = source.pieces().get(p);
          return Arrays.equals(container.decode(p, piece.form()), source.read(piece));
        },
        (p, same) -> {
          Source.Piece piece = source.pieces().get(p);
          if (!same) {
            throw new IOException(
                "%s does not decode to what was read; was the model changed meanwhile?"
                    .formatted(
                        piece.tensor() < 0
                            ? "the skeleton"
                            : source.tensors().get(piece.tensor()).name()));
          }
          done += piece.form().bytes();
          options.progress().at(done, work);
        });
  }
}
