package compress.encode;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Which coders an encoder may use. */
public enum CoderChoice {
  /** Relative indices and Huffman codes: the way of Han, Mao and Dally 2016, section 4. */
  HUFFMAN,
  /** For each tensor the one that makes it smallest. */
  BEST;

  /** In lower case, as options and reports have it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * @throws IllegalArgumentException if no choice has the name
   */
  public static CoderChoice named(String name) {
    return Arrays.stream(values())
        .filter(c -> c.toString().equals(name))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "unknown coder '%s'; there is %s"
                    .formatted(
                        name,
                        Arrays.stream(values())
                            .map(CoderChoice::toString)
                            .collect(Collectors.joining(", ")))));
  }
}
