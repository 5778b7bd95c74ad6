package compress.encode;

import static org.assertj.core.api.Assertions.assertThat;

import compress.model.DType;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArithmeticTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 700, 30_000, 32_768, 60_000, 65_534, 65_535})
  void takesTheBitsThatTheProbabilitiesSay(int probability) {
    Random random = new Random(probability);
    for (int count : new int[] {0, 1, 2, 7, 20_000}) {
      int[] bits = new int[count];
      double expected = 0;
      for (int i = 0; i < count; i++) {
        bits[i] = random.nextInt(65_536) < probability ? 1 : 0;
        expected -= Math.log((bits[i] == 1 ? probability : 65_536 - probability) / 65_536.0);
      }
      expected /= 8 * Math.log(2);
      ByteOutput out = new ByteOutput();
      ArithmeticEncoder encoder = new ArithmeticEncoder(out);
      for (int bit : bits) {
        encoder.code(bit, probability);
      }
      encoder.finish();
      assertThat((double) out.size()).isLessThan(1.001 * expected + 2);
      ArithmeticDecoder decoder =
          new ArithmeticDecoder(ByteInput.of(Path.of("x"), 0, out.toByteArray()));
      for (int bit : bits) {
        assertThat(decoder.code(0, probability)).isEqualTo(bit);
      }
    }
  }

  @Test
  void adaptiveIsAtTheEntropy() {
    Random random = new Random(1);
    byte[] symbols = new byte[300_000];
    for (int i = 0; i < symbols.length; i++) {
      symbols[i] = (byte) Math.clamp((int) (8 + 2.5 * random.nextGaussian()), 0, 15);
    }
    Chunk chunk = new Chunk(Form.vector(DType.U8, symbols.length), symbols);
    Coded coded = new AdaptiveCoder().encode(chunk, CoderChoice.BEST).orElseThrow();
    double entropy = coded.streams().getFirst().entropyBytes();
    assertThat((double) coded.bytes().length).isBetween(entropy, 1.005 * entropy);
  }

  @Test
  void contextIsAtTheEntropyOfWhatHasNoStructure() {
    Chunk chunk = Samples.codebook(200, 400, 0.08, 32, new Random(2));
    Coded coded = new ContextCoder().encode(chunk, CoderChoice.BEST).orElseThrow();
    double entropy = coded.streams().stream().mapToDouble(Stream::entropyBytes).sum();
    assertThat((double) coded.bytes().length).isLessThan(1.015 * entropy + 60);
  }

  /** Columns that are always pruned, as pixels at an image's border are, and uneven rows. */
  @Test
  void contextIsFarBelowTheEntropyOfWhatHas() {
    Random random = new Random(3);
    byte[] indices = new byte[100 * 400];
    for (int i = 0; i < indices.length; i++) {
      double kept = i % 400 % 20 < 8 ? 0 : 0.2 * i / indices.length;
      int sign = (i % 400 / 40) % 2 == 0 ? 1 : 9;
      indices[i] = (byte) (random.nextDouble() < kept ? sign + random.nextInt(8) : 0);
    }
    Chunk chunk = new Chunk(new Form(DType.U8, indices.length, 400), indices);
    Coded coded = new ContextCoder().encode(chunk, CoderChoice.BEST).orElseThrow();
    double entropy = coded.streams().stream().mapToDouble(Stream::entropyBytes).sum();
    assertThat((double) coded.bytes().length).isLessThan(0.85 * entropy);
  }

  @Test
  void aWorkedGap() {
    // Kept entries 1, 4 and 15: gaps of 1, 2 and 10 pruned ones.
    byte[] indices = new byte[20];
    indices[1] = 3;
    indices[4] = 1;
    indices[15] = 2;
    Coded coded =
        new RelativeHuffman()
            .encode(new Chunk(Form.vector(DType.U8, 20), indices), CoderChoice.HUFFMAN)
            .orElseThrow();
    // Two bits bridge at most three entries, so ten need two fillers of four and a gap of two.
    assertThat(coded.streams().getFirst().symbols())
        .isEqualTo(
            3
                + (10 >> coded.streams().getFirst().fixedBits())
                + (2 >> coded.streams().getFirst().fixedBits()));
  }
}
