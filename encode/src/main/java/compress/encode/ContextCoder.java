package compress.encode;

import compress.model.FormatException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Arithmetic coding by what is known of an entry's surroundings: first which entries are kept, then
 * their values; see {@link MaskModel} and {@link ValueModel}. Slow and thorough: a large chunk is
 * coded so only if a sample of it says that it is worth it.
 */
final class ContextCoder implements Coder {
  private static final int BY_COLUMNS = 1;
  private static final int SPARSE = 2;
  // Bit decisions up to which every variant is tried in full.
  private static final int SMALL = 1 << 20;
  private static final int SAMPLE = 1 << 16;
  private static final int MOST_BITS = 12;
  private static final double WORTH = 0.98;

  /**
   * How a chunk is looked at: column by column or row by row, with which {@link Matrix#period}, and
   * whether the most frequent symbol is apart.
   */
  private record Variant(boolean byColumns, int period, boolean sparse) {}

  @Override
  public int id() {
    return 4;
  }

  @Override
  public String name() {
    return "context";
  }

  @Override
  public Optional<Coded> encode(Chunk chunk, CoderChoice choice) {
    return chunk.symbols().flatMap(this::encode);
  }

  private Optional<Coded> encode(Symbols symbols) {
    Histogram histogram = symbols.histogram();
    int frequent = histogram.mostFrequent();
    double share = (double) histogram.count(frequent) / histogram.total();
    boolean sparse = share > 0.4;
    Range range = Range.of(histogram, sparse ? frequent : -1);
    if (histogram.distinct() < 2 || range.bits() > MOST_BITS) {
      return Optional.empty();
    }
    double decisions = symbols.values().length * ((sparse ? 1 : 0) + (1 - share) * range.bits());
    boolean small = decisions <= SMALL;
    Symbols judged = small ? symbols : sample(symbols);
    Matrix matrix = matrix(judged, sparse ? frequent : -1, range);
    Matrix turned = matrix.transposed();
    Optional<Coded> best = Optional.empty();
    Variant bestVariant = new Variant(false, 0, sparse);
    for (Variant variant : variants(matrix, turned, sparse)) {
      Coded coded = encode(judged, variant.byColumns() ? turned : matrix, variant, frequent, range);
      if (best.isEmpty() || coded.bytes().length < best.get().bytes().length) {
        best = Optional.of(coded);
        bestVariant = variant;
      }
    }
    if (small) {
      return best;
    }
    if (best.orElseThrow().bytes().length > WORTH * judged.histogram().entropyBytes()) {
      return Optional.empty();
    }
    Matrix whole = matrix(symbols, sparse ? frequent : -1, range);
    return Optional.of(
        encode(
            symbols,
            bestVariant.byColumns() ? whole.transposed() : whole,
            bestVariant,
            frequent,
            range));
  }

  /** The symbols that occur among the kept ones lie in {@code low} to {@code low + 2^bits - 1}. */
  private record Range(int low, int bits) {
    static Range of(Histogram histogram, int pruned) {
      int low = histogram.alphabet();
      int high = 0;
      for (int s = 0; s < histogram.alphabet(); s++) {
        if (s != pruned && histogram.count(s) > 0) {
          low = Math.min(low, s);
          high = s;
        }
      }
      return new Range(Math.min(low, high), Huffman.bitsToTell(high - Math.min(low, high) + 1));
    }
  }

  /** The first rows. */
  private static Symbols sample(Symbols symbols) {
    Form form = symbols.form();
    int rows = Math.clamp(SAMPLE / form.columns(), 1, form.rows());
    int elements = rows * form.columns();
    if (elements > 4 * SAMPLE) {
      elements = 4 * SAMPLE;
    }
    Form part = new Form(form.type(), elements, Math.min(form.columns(), elements));
    char[] values = Arrays.copyOf(symbols.values(), elements);
    return new Symbols(part, values, symbols.alphabet(), symbols.palette());
  }

  private static Matrix matrix(Symbols symbols, int pruned, Range range) {
    Matrix matrix = Matrix.empty(symbols.form().rows(), symbols.form().columns());
    for (int i = 0; i < symbols.values().length; i++) {
      int s = symbols.values()[i];
      matrix.mask()[i] = (byte) (s == pruned ? 0 : 1);
      matrix.values()[i] = (char) (s == pruned ? 0 : s - range.low());
    }
    return matrix;
  }

  private static List<Variant> variants(Matrix matrix, Matrix turned, boolean sparse) {
    List<Variant> variants = new ArrayList<>();
    boolean vector = matrix.rows() == 1 || matrix.columns() == 1;
    for (boolean byColumns : vector ? new boolean[1] : new boolean[] {false, true}) {
      variants.add(new Variant(byColumns, 0, sparse));
      int period = sparse ? (byColumns ? turned : matrix).period() : 0;
      if (period > 0) {
        variants.add(new Variant(byColumns, period, sparse));
      }
    }
    return variants;
  }

  private Coded encode(Symbols symbols, Matrix matrix, Variant variant, int frequent, Range range) {
    ByteOutput out = new ByteOutput();
    List<Stream> streams = new ArrayList<>();
    out.writeByte((variant.byColumns() ? BY_COLUMNS : 0) | (variant.sparse() ? SPARSE : 0));
    out.writeVarint(variant.period());
    int elements = symbols.values().length;
    Histogram histogram = symbols.histogram();
    if (variant.sparse()) {
      out.writeVarint(frequent);
      ByteOutput mask = new ByteOutput();
      ArithmeticEncoder encoder = new ArithmeticEncoder(mask);
      new MaskModel(matrix, variant.period()).code(encoder);
      encoder.finish();
      out.writeVarint(mask.size());
      out.write(mask.toByteArray());
      Histogram kept = new Histogram(2);
      kept.add(0, histogram.count(frequent));
      kept.add(1, elements - histogram.count(frequent));
      streams.add(new Stream("mask", name(), elements, 1, kept.entropyBytes(), out.size()));
      histogram.add(frequent, -histogram.count(frequent));
    }
    int before = variant.sparse() ? out.size() : 0;
    symbols.writePalette(out);
    out.writeVarint(range.low());
    out.writeByte(range.bits());
    ArithmeticEncoder encoder = new ArithmeticEncoder(out);
    new ValueModel(matrix, variant.period(), range.bits()).code(encoder);
    encoder.finish();
    streams.add(
        new Stream(
            "values",
            name(),
            histogram.total(),
            Huffman.bitsToTell(histogram.distinct()),
            histogram.entropyBytes(),
            out.size() - before));
    return new Coded(this, out.toByteArray(), streams);
  }

  @Override
  public void decode(ByteInput in, Form form, byte[] elements) throws FormatException {
    int flags = in.readByte();
    if (flags > (BY_COLUMNS | SPARSE)) {
      throw in.failure("unknown flags " + flags);
    }
    boolean byColumns = (flags & BY_COLUMNS) != 0;
    int period = (int) in.readVarint(form.elements(), "the period");
    if (period > 0 && period < Matrix.NEAREST_PERIOD) {
      throw in.failure(
          "a period of %d, must be 0 or from %d".formatted(period, Matrix.NEAREST_PERIOD));
    }
    Matrix matrix =
        byColumns
            ? Matrix.empty(form.columns(), form.rows())
            : Matrix.empty(form.rows(), form.columns());
    int pruned = -1;
    if ((flags & SPARSE) != 0) {
      pruned = (int) in.readVarint(Character.MAX_VALUE, "the pruned value");
      ByteInput mask = in.slice((int) in.readVarint(in.remaining(), "the mask's length"));
      new MaskModel(matrix, period).code(new ArithmeticDecoder(mask));
    } else {
      matrix = matrix.dense();
    }
    Symbols symbols = Symbols.readPalette(in, form);
    if (pruned >= symbols.alphabet()) {
      throw in.failure("pruned value %d of %d".formatted(pruned, symbols.alphabet()));
    }
    int low = (int) in.readVarint(symbols.alphabet() - 1, "the lowest value");
    int bits = in.readByte();
    if (bits > MOST_BITS) {
      throw in.failure("values of %d bits, at most %d".formatted(bits, MOST_BITS));
    }
    new ValueModel(matrix, period, bits).code(new ArithmeticDecoder(in));
    Matrix byRows = byColumns ? matrix.transposed() : matrix;
    for (int i = 0; i < form.elements(); i++) {
      int symbol = byRows.mask()[i] != 0 ? low + byRows.values()[i] : pruned;
      if (symbol >= symbols.alphabet()) {
        throw in.failure("value %d of %d".formatted(symbol, symbols.alphabet()));
      }
      symbols.values()[i] = (char) symbol;
    }
    symbols.toElements(elements);
  }
}
