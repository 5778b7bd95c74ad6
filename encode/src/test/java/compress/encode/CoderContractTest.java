package compress.encode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import compress.model.DType;
import compress.model.FormatException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every coder keeps to, whatever its way. */
class CoderContractTest {
  private static final Path FILE = Path.of("x.cmpr");

  static List<Coder> coders() {
    return Coders.all();
  }

  @ParameterizedTest
  @MethodSource("coders")
  void givesBackWhatWentIn(Coder coder) throws FormatException {
    int taken = 0;
    for (Chunk chunk : Samples.all()) {
      for (CoderChoice choice : CoderChoice.values()) {
        Optional<Coded> coded = coder.encode(chunk, choice);
        if (coded.isPresent()) {
          assertThat(decode(coder, coded.get().bytes(), chunk.form()))
              .as("%s %s", coder.name(), chunk.form())
              .isEqualTo(chunk.bytes());
          assertThat(coded.get().streams().stream().mapToLong(Stream::bytes).sum())
              .isEqualTo(coded.get().bytes().length);
          taken++;
        }
      }
    }
    assertThat(taken).isPositive();
  }

  @ParameterizedTest
  @MethodSource("coders")
  void writesTheSameEachTime(Coder coder) {
    Chunk chunk = Samples.gaussian(DType.F32, 10, 30, 0.5, new Random(2));
    Chunk same = new Chunk(chunk.form(), chunk.bytes());
    assertThat(coder.encode(chunk, CoderChoice.BEST))
        .usingRecursiveComparison()
        .isEqualTo(coder.encode(same, CoderChoice.BEST));
  }

  @ParameterizedTest
  @MethodSource("coders")
  void readsNoiseAsSomethingOrRefusesIt(Coder coder) {
    Random random = new Random(5);
    for (DType type : DType.values()) {
      for (int round = 0; round < 20; round++) {
        byte[] noise = new byte[random.nextInt(60)];
        random.nextBytes(noise);
        try {
          decode(coder, noise, new Form(Form.part(type), 40, 8));
        } catch (FormatException e) {
          assertThat(e).hasMessageStartingWith("x.cmpr, byte ");
        }
      }
    }
  }

  /** Not only noise, which is refused early: what was valid but for one place. */
  @ParameterizedTest
  @MethodSource("coders")
  void readsDamageAsSomethingOrRefusesIt(Coder coder) {
    Random random = new Random(6);
    for (Chunk chunk : Samples.all()) {
      if (chunk.form().elements() > 1500) {
        continue;
      }
      byte[] coded = coder.encode(chunk, CoderChoice.BEST).map(Coded::bytes).orElse(new byte[0]);
      for (int round = 0; round < 12 && coded.length > 0; round++) {
        byte[] damaged = coded.clone();
        damaged[random.nextInt(Math.min(coded.length, 1 << random.nextInt(12)))] ^=
            (byte) (1 << random.nextInt(8));
        if (round % 4 == 0) {
          damaged = Arrays.copyOf(damaged, random.nextInt(damaged.length));
        }
        try {
          decode(coder, damaged, chunk.form());
        } catch (FormatException e) {
          assertThat(e).hasMessageStartingWith("x.cmpr, byte ");
        }
      }
    }
  }

  @Test
  void idsAreUniqueAndInOrder() {
    assertThat(Coders.all()).extracting(Coder::id).doesNotHaveDuplicates().isSorted();
    assertThat(Coders.all()).extracting(Coder::name).doesNotHaveDuplicates();
    assertThat(Coders.of(CoderChoice.HUFFMAN)).isSubsetOf(Coders.all());
  }

  @Test
  void aFormHasElements() {
    assertThatThrownBy(() -> Form.vector(DType.U8, 0)).isInstanceOf(IllegalArgumentException.class);
    assertThat(IntStream.of(1, 2).mapToObj(n -> Form.vector(DType.U4, n).bytes()))
        .containsExactly(1, 1);
  }

  static byte[] decode(Coder coder, byte[] coded, Form form) throws FormatException {
    byte[] elements = new byte[form.bytes()];
    coder.decode(ByteInput.of(FILE, 0, coded), form, elements);
    return elements;
  }
}
