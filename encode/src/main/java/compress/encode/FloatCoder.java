package compress.encode;

import compress.model.DType;
import compress.model.FormatException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Floats by their parts: the exponents as a matrix of small numbers, coded by the coder that makes
 * it smallest; signs and the first bits of the mantissas by their frequencies for each exponent;
 * the other bits in groups of at most eight, by frequency where that is less than as they are.
 * Trained weights have few exponents and noise for mantissas.
 */
final class FloatCoder implements Coder {
  @Override
  public int id() {
    return 5;
  }

  @Override
  public String name() {
    return "float";
  }

  /** Where the parts of a float lie. */
  private record Layout(int width, int exponentBits, int mantissaBits) {
    static Optional<Layout> of(DType type) {
      return switch (type) {
        case F16 -> Optional.of(new Layout(2, 5, 10));
        case BF16 -> Optional.of(new Layout(2, 8, 7));
        case F32 -> Optional.of(new Layout(4, 8, 23));
        case F64 -> Optional.of(new Layout(8, 11, 52));
        default -> Optional.empty();
      };
    }

    int exponent(long bits) {
      return (int) (bits >>> mantissaBits) & (1 << exponentBits) - 1;
    }

    int sign(long bits) {
      return (int) (bits >>> mantissaBits + exponentBits) & 1;
    }

    Form exponents(Form form) {
      return new Form(exponentBits > 8 ? DType.U16 : DType.U8, form.elements(), form.columns());
    }

    long get(ByteBuffer bytes, int i) {
      return switch (width) {
        case 2 -> bytes.getShort(2 * i);
        case 4 -> bytes.getInt(4 * i);
        default -> bytes.getLong(8 * i);
      };
    }

    void put(ByteBuffer bytes, int i, long bits) {
      switch (width) {
        case 2 -> bytes.putShort(2 * i, (short) bits);
        case 4 -> bytes.putInt(4 * i, (int) bits);
        default -> bytes.putLong(8 * i, bits);
      }
    }
  }

  /**
   * What is done with the mantissas.
   *
   * @param first how many of the highest bits are coded with the exponent as context
   * @param modelled for each group of the others, lowest first, whether it is coded by frequency
   */
  private record Plan(int first, boolean[] modelled) {
    static int groups(Layout layout, int first) {
      return Math.ceilDiv(layout.mantissaBits - first, 8);
    }

    int groupBits(Layout layout, int group) {
      return Math.min(8, layout.mantissaBits - first - 8 * group);
    }
  }

  @Override
  public Optional<Coded> encode(Chunk chunk, CoderChoice choice) {
    return Layout.of(chunk.form().type()).map(layout -> encode(chunk, layout, choice));
  }

  private Coded encode(Chunk chunk, Layout layout, CoderChoice choice) {
    ByteBuffer floats = ByteBuffer.wrap(chunk.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    Form form = chunk.form();
    Coded exponents =
        Coders.smallestOfNumbers(
            new Chunk(layout.exponents(form), exponents(floats, form, layout)), choice);
    ByteOutput out = new ByteOutput();
    int exponentBytes = Nested.write(out, exponents);
    Plan plan = plan(floats, form, layout, choice);
    out.writeByte(plan.first());
    int flags = 0;
    for (int g = 0; g < plan.modelled().length; g++) {
      flags |= plan.modelled()[g] ? 1 << g : 0;
    }
    out.writeByte(flags);
    ByteOutput coded = new ByteOutput();
    ArithmeticEncoder encoder = new ArithmeticEncoder(coded);
    ByteOutput plain = new ByteOutput();
    BitOutput raw = new BitOutput(plain);
    Mantissas mantissas = new Mantissas(layout, plan);
    for (int i = 0; i < form.elements(); i++) {
      long bits = layout.get(floats, i);
      mantissas.code(encoder, layout.exponent(bits), bits);
      for (int g = 0; g < plan.modelled().length; g++) {
        if (!plan.modelled()[g]) {
          raw.write((int) (bits >>> 8 * g) & 0xff, plan.groupBits(layout, g));
        }
      }
    }
    raw.align();
    encoder.finish();
    out.writeVarint(coded.size());
    out.write(coded.toByteArray());
    out.write(plain.toByteArray());
    int mantissaBytes = out.size() - exponentBytes;
    List<Stream> streams = new ArrayList<>();
    streams.add(Nested.stream("exponents", exponents, exponentBytes));
    streams.add(
        new Stream(
            "mantissas",
            name(),
            form.elements(),
            1 + layout.mantissaBits(),
            form.elements() * (1.0 + layout.mantissaBits()) / 8,
            mantissaBytes));
    return new Coded(this, out.toByteArray(), streams);
  }

  private static byte[] exponents(ByteBuffer floats, Form form, Layout layout) {
    byte[] exponents = new byte[layout.exponents(form).bytes()];
    for (int i = 0; i < form.elements(); i++) {
      int e = layout.exponent(layout.get(floats, i));
      if (exponents.length == form.elements()) {
        exponents[i] = (byte) e;
      } else {
        exponents[2 * i] = (byte) e;
        exponents[2 * i + 1] = (byte) (e >>> 8);
      }
    }
    return exponents;
  }

  private static Plan plan(ByteBuffer floats, Form form, Layout layout, CoderChoice choice) {
    // A context pays once it has been seen often enough to be known.
    int n = form.elements();
    int first = choice == CoderChoice.HUFFMAN || n < 2000 ? 0 : n < 50_000 ? 2 : 4;
    Plan plan = new Plan(first, new boolean[Plan.groups(layout, first)]);
    for (int g = 0; g < plan.modelled().length; g++) {
      int groupBits = plan.groupBits(layout, g);
      Histogram histogram = new Histogram(256);
      for (int i = 0; i < n; i++) {
        histogram.add((int) (layout.get(floats, i) >>> 8 * g) & (1 << groupBits) - 1, 1);
      }
      // Learning the frequency of a symbol costs some bits; a sample of noise seems less than it
      // is.
      double learning = 1.5 * histogram.distinct();
      plan.modelled()[g] = histogram.entropyBytes() + learning < n * groupBits / 8.0 * 0.995;
    }
    return plan;
  }

  /** Signs, first bits and the groups that are coded by frequency, for encoding and decoding. */
  private static final class Mantissas {
    private final Layout layout;
    private final Plan plan;
    private final Adaptive signs;
    private final Tree first;
    private final Tree[] groups;

    Mantissas(Layout layout, Plan plan) {
      this.layout = layout;
      this.plan = plan;
      this.signs = new Adaptive(1, 1023);
      this.first = new Tree(plan.first(), 1 << layout.exponentBits());
      this.groups = new Tree[plan.modelled().length];
      for (int g = 0; g < groups.length; g++) {
        groups[g] = new Tree(plan.modelled()[g] ? plan.groupBits(layout, g) : 0, 1);
      }
    }

    /** The bits of a float that are not raw, in their places; the exponent too. */
    long code(BitCoder coder, int exponent, long bits) {
      long coded = (long) signs.code(coder, 0, layout.sign(bits)) << layout.exponentBits();
      coded = (coded | exponent) << layout.mantissaBits();
      int shift = layout.mantissaBits() - plan.first();
      int firstBits = (int) (bits >>> shift) & (1 << plan.first()) - 1;
      coded |= (long) first.code(coder, exponent, firstBits) << shift;
      for (int g = 0; g < groups.length; g++) {
        if (plan.modelled()[g]) {
          int group = (int) (bits >>> 8 * g) & (1 << plan.groupBits(layout, g)) - 1;
          coded |= (long) groups[g].code(coder, 0, group) << 8 * g;
        }
      }
      return coded;
    }
  }

  @Override
  public void decode(ByteInput in, Form form, byte[] elements) throws FormatException {
    Layout layout =
        Layout.of(form.type()).orElseThrow(() -> in.failure("'float' is not for " + form.type()));
    byte[] exponents = Nested.read(in, layout.exponents(form), this);
    int first = in.readByte();
    if (first > 4) {
      throw in.failure(first + " first bits of a mantissa, at most 4");
    }
    int flags = in.readByte();
    Plan plan = new Plan(first, new boolean[Plan.groups(layout, first)]);
    for (int g = 0; g < plan.modelled().length; g++) {
      plan.modelled()[g] = (flags >>> g & 1) != 0;
    }
    ByteInput coded = in.slice((int) in.readVarint(in.remaining(), "the length of a part"));
    ArithmeticDecoder decoder = new ArithmeticDecoder(coded);
    BitInput raw = new BitInput(in);
    Mantissas mantissas = new Mantissas(layout, plan);
    ByteBuffer floats = ByteBuffer.wrap(elements).order(ByteOrder.LITTLE_ENDIAN);
    boolean wide = exponents.length > form.elements();
    for (int i = 0; i < form.elements(); i++) {
      int e =
          wide ? exponents[2 * i] & 0xff | (exponents[2 * i + 1] & 0xff) << 8 : exponents[i] & 0xff;
      if (e >= 1 << layout.exponentBits()) {
        throw in.failure("exponent " + e + " of " + form.type());
      }
      long bits = mantissas.code(decoder, e, 0);
      for (int g = 0; g < plan.modelled().length; g++) {
        if (!plan.modelled()[g]) {
          bits |= (long) raw.read(plan.groupBits(layout, g)) << 8 * g;
        }
      }
      layout.put(floats, i, bits);
    }
    raw.align();
    in.expectEnd();
  }
}
