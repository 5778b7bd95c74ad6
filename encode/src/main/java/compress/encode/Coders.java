package compress.encode;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The list of coders. To add one, write it and put it here. */
final class Coders {
  private static final List<Coder> ALL =
      List.of(
          new Stored(),
          new Huffman(),
          new RelativeHuffman(),
          new AdaptiveCoder(),
          new ContextCoder(),
          new FloatCoder(),
          new SparseCoder(),
          new Lzma(),
          new TextCoder());
  // Coders that code by means of others do so by those of the same choice.
  private static final List<Coder> HUFFMAN =
      ALL.stream().filter(c -> !(c instanceof AdaptiveCoder || c instanceof ContextCoder)).toList();

  private Coders() {}

  /** Every coder, by id. */
  static List<Coder> all() {
    return ALL;
  }

  /** Those that {@code choice} admits. */
  static List<Coder> of(CoderChoice choice) {
    return switch (choice) {
      case HUFFMAN -> HUFFMAN;
      case BEST -> ALL;
    };
  }

  static Optional<Coder> withId(int id) {
    return ALL.stream().filter(c -> c.id() == id).findFirst();
  }

  /** The chunk as the coder writes it that makes it smallest; of several the one first listed. */
  static Coded smallest(Chunk chunk, CoderChoice choice) {
    return smallest(chunk, choice, of(choice));
  }

  /** As {@link #smallest}, but without the coders for bytes that are not numbers. */
  static Coded smallestOfNumbers(Chunk chunk, CoderChoice choice) {
    List<Coder> coders =
        of(choice).stream().filter(c -> !(c instanceof Lzma || c instanceof TextCoder)).toList();
    return smallest(chunk, choice, coders);
  }

  private static Coded smallest(Chunk chunk, CoderChoice choice, List<Coder> coders) {
    return coders.stream()
        .flatMap(coder -> coder.encode(chunk, choice).stream())
        .min(Comparator.comparingInt(coded -> coded.bytes().length))
        .orElseThrow();
  }
}
