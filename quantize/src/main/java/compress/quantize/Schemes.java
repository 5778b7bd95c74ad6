package compress.quantize;

import compress.model.NearestName;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The schemes there are. To add one: a record and its line in {@link #ALL}. */
public final class Schemes {
  /**
   * A scheme that can be asked for.
   *
   * @param name as the command line has it
   * @param summary for {@code --help}
   * @param settings names of what can be set, beside the bits
   * @param make from the settings that were given
   */
  public record Entry(
      String name,
      String summary,
      List<String> settings,
      Function<Map<String, String>, Scheme> make) {}

  /** The first is the default. */
  public static final List<Entry> ALL =
      List.of(
          new Entry(
              "kmeans",
              "weights share the centroids of their clusters",
              List.of("init", "entropy-lambda"),
              s ->
                  new KMeans(
                      Inits.parse(s.getOrDefault("init", Inits.ALL.getFirst().name())),
                      number("entropy-lambda", s.getOrDefault("entropy-lambda", "0")))),
          new Entry(
              "product",
              "runs of weights share the vectors that are the centroids of their clusters",
              List.of("sub-vector"),
              s ->
                  new Product(
                      integer(
                          "sub-vector",
                          s.getOrDefault("sub-vector", Integer.toString(Product.USUAL_LENGTH))))),
          new Entry(
              "hashed",
              "weights share values by a hash of their place, to be trained; no indices",
              List.of(),
              s -> new HashedSharing()),
          new Entry(
              "linear",
              "weights are integers of 2 to 8 bits times a scale",
              List.of("granularity", "range", "asymmetric"),
              s ->
                  new Linear(
                      !Boolean.parseBoolean(s.getOrDefault("asymmetric", "false")),
                      grouping(s),
                      Range.parse(s.getOrDefault("range", Range.NAMES.getFirst())))),
          new Entry(
              "ternary",
              "weights are -a, 0 or a",
              List.of("granularity"),
              s -> new Ternary(grouping(s))),
          new Entry(
              "binary",
              "weights are -a or a",
              List.of("granularity"),
              s -> new Binary(grouping(s))),
          new Entry("fp16", "weights rounded to floats of 16 bits", List.of(), s -> new Half()),
          new Entry(
              "bf16",
              "weights rounded to 8 bits of exponent and 7 of mantissa",
              List.of(),
              s -> new RoundedFloat(RoundedFloat.Kind.BF16)),
          new Entry(
              "fp8-e4m3",
              "floats of 8 bits, 4 of exponent and 3 of mantissa, times a scale",
              List.of("granularity"),
              s -> new Float8(Float8.Kind.E4M3, grouping(s))),
          new Entry(
              "fp8-e5m2",
              "floats of 8 bits, 5 of exponent and 2 of mantissa, times a scale",
              List.of("granularity"),
              s -> new Float8(Float8.Kind.E5M2, grouping(s))),
          new Entry(
              "tf32",
              "weights rounded to 10 bits of mantissa, stored as floats of 32 bits",
              List.of(),
              s -> new RoundedFloat(RoundedFloat.Kind.TF32)));

  private Schemes() {}

  /**
   * The scheme called {@code name}.
   *
   * @param settings those that were given, by name
   * @throws IllegalArgumentException for an unknown scheme or setting, naming the nearest, and for
   *     a value that does not fit
   */
  public static Scheme parse(String name, Map<String, String> settings) {
    List<String> names = ALL.stream().map(Entry::name).toList();
    int i = names.indexOf(name);
    if (i < 0) {
      throw new IllegalArgumentException(
          "unknown scheme '%s'%s; there are: %s"
              .formatted(name, NearestName.hint(name, names), String.join(", ", names)));
    }
    Entry entry = ALL.get(i);
    for (String key : settings.keySet().stream().sorted().toList()) {
      if (!entry.settings.contains(key)) {
        throw new IllegalArgumentException(
            "scheme '%s' has no setting '%s'%s"
                .formatted(name, key, NearestName.hint(key, entry.settings)));
      }
    }
    return entry.make.apply(settings);
  }

  private static Grouping grouping(Map<String, String> settings) {
    return Grouping.parse(settings.getOrDefault("granularity", "channel"));
  }

  private static int integer(String setting, String value) {
    try {
      return Integer.parseInt(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          setting + " must be a whole number, not '" + value + "'", e);
    }
  }

  private static double number(String setting, String value) {
    try {
      return Double.parseDouble(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(setting + " must be a number, not '" + value + "'", e);
    }
  }
}
