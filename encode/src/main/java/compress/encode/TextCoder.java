package compress.encode;

import compress.model.DType;
import compress.model.FormatException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Optional;

/**
 * Bytes that are not numbers: graphs, names, headers. They are coded after a dictionary of what
 * such bytes look like, which is a part of the format, so that a small graph costs little; see
 * {@link TextModel}. Slow.
 */
final class TextCoder implements Coder {
  private static final int MOST_BYTES = 1 << 16;
  private static final byte[] DICTIONARY = dictionary();
  private static final TextModel PRIMED = primed();

  private static byte[] dictionary() {
    try (InputStream in = TextCoder.class.getResourceAsStream("dictionary.bin")) {
      if (in == null) {
        throw new IllegalStateException("dictionary.bin is not on the class path");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static TextModel primed() {
    TextModel model = new TextModel(DICTIONARY);
    model.code((bit, probability) -> bit, 0, DICTIONARY.length);
    return model;
  }

  @Override
  public int id() {
    return 8;
  }

  @Override
  public String name() {
    return "text";
  }

  @Override
  public Optional<Coded> encode(Chunk chunk, CoderChoice choice) {
    return fits(chunk.form()) && Lzma.repeats(chunk.bytes())
        ? Optional.of(encode(chunk))
        : Optional.empty();
  }

  private static boolean fits(Form form) {
    return form.type() == DType.U8
        && form.columns() == form.elements()
        && form.elements() <= MOST_BYTES;
  }

  private Coded encode(Chunk chunk) {
    int length = chunk.bytes().length;
    byte[] bytes = Arrays.copyOf(DICTIONARY, DICTIONARY.length + length);
    System.arraycopy(chunk.bytes(), 0, bytes, DICTIONARY.length, length);
    ByteOutput out = new ByteOutput();
    ArithmeticEncoder encoder = new ArithmeticEncoder(out);
    code(bytes, encoder);
    encoder.finish();
    double entropy = chunk.symbols().orElseThrow().histogram().entropyBytes();
    return Coded.of(this, out, new Stream("values", name(), length, 8, entropy, out.size()));
  }

  private static void code(byte[] bytes, BitCoder coder) {
    new TextModel(PRIMED, bytes).code(coder, DICTIONARY.length, bytes.length);
  }

  @Override
  public void decode(ByteInput in, Form form, byte[] elements) throws FormatException {
    if (!fits(form)) {
      throw in.failure("'text' is not for " + form);
    }
    byte[] bytes = Arrays.copyOf(DICTIONARY, DICTIONARY.length + elements.length);
    code(bytes, new ArithmeticDecoder(in));
    System.arraycopy(bytes, DICTIONARY.length, elements, 0, elements.length);
  }
}
