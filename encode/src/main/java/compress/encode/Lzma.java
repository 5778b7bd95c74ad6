package compress.encode;

import compress.model.FormatException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.zip.Deflater;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.LZMAInputStream;
import org.tukaani.xz.LZMAOutputStream;

/**
 * Repetitions found by LZMA, without its header and end marker. For what is not weights, and for
 * weights that repeat themselves.
 */
final class Lzma implements Coder {
  private static final int SMALL = 1 << 14;
  private static final int SAMPLE = 1 << 16;
  private static final int LARGEST_DICTIONARY = 1 << 20;

  @Override
  public int id() {
    return 7;
  }

  @Override
  public String name() {
    return "lzma";
  }

  @Override
  public Optional<Coded> encode(Chunk chunk, CoderChoice choice) {
    byte[] bytes = chunk.bytes();
    return repeats(bytes) ? Optional.of(encode(chunk.form(), bytes)) : Optional.empty();
  }

  /** Whether a quick look finds repetitions, beyond some bytes being more frequent than others. */
  static boolean repeats(byte[] bytes) {
    if (bytes.length <= SMALL) {
      return true;
    }
    int from = (bytes.length - Math.min(SAMPLE, bytes.length)) / 2;
    int length = Math.min(SAMPLE, bytes.length);
    Histogram histogram = new Histogram(256);
    for (int i = from; i < from + length; i++) {
      histogram.add(bytes[i] & 0xff, 1);
    }
    try (Deflater deflater = new Deflater(1, true)) {
      deflater.setInput(bytes, from, length);
      deflater.finish();
      byte[] out = new byte[2 * length];
      return deflater.deflate(out) < 0.9 * histogram.entropyBytes();
    }
  }

  private Coded encode(Form form, byte[] bytes) {
    int align = Math.min(2, Integer.numberOfTrailingZeros(Math.max(1, form.type().bits() / 8)));
    try {
      LZMA2Options options = new LZMA2Options(9);
      options.setDictSize(dictionary(bytes.length));
      options.setPb(align);
      options.setLcLp(3 - align, align);
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      out.write((options.getPb() * 5 + options.getLp()) * 9 + options.getLc());
      try (LZMAOutputStream lzma = new LZMAOutputStream(out, options, false)) {
        lzma.write(bytes);
      }
      ByteOutput written = new ByteOutput();
      written.write(out.toByteArray());
      Histogram histogram = new Histogram(256);
      for (byte b : bytes) {
        histogram.add(b & 0xff, 1);
      }
      return Coded.of(
          this,
          written,
          new Stream("values", name(), bytes.length, 8, histogram.entropyBytes(), written.size()));
    } catch (IOException e) {
      throw new UncheckedIOException("arrays do not fail", e);
    }
  }

  private static int dictionary(int bytes) {
    return Math.clamp(bytes, LZMA2Options.DICT_SIZE_MIN, LARGEST_DICTIONARY);
  }

  @Override
  public void decode(ByteInput in, Form form, byte[] elements) throws FormatException {
    int properties = in.readByte();
    if (properties >= 5 * 5 * 9) {
      throw in.failure("LZMA properties " + properties);
    }
    byte[] coded = in.read(in.remaining());
    try (LZMAInputStream lzma =
        new LZMAInputStream(
            new ByteArrayInputStream(coded),
            elements.length,
            (byte) properties,
            dictionary(elements.length))) {
      if (lzma.readNBytes(elements, 0, elements.length) < elements.length) {
        throw in.failure("the LZMA data ends too early");
      }
    } catch (FormatException e) {
      throw e;
    } catch (IOException e) {
      throw in.failure("damaged LZMA data");
    }
  }
}
