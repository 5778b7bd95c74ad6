package compress.cli.pipeline;

import compress.cli.options.GateOptions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.OptionalDouble;
import java.util.SequencedMap;

/** What a result has to keep. */
final class Gates {
  private Gates() {}

  /**
   * Each bound that was set beside what was reached.
   *
   * @param drop of the accuracy; absent if it was not measured, which misses a bound on it
   */
  static List<Gate> of(GateOptions options, double ratio, long bytes, OptionalDouble drop) {
    List<Gate> gates = new ArrayList<>();
    Double maxDrop = options.maxDrop();
    if (maxDrop != null) {
      double value = drop.orElse(Double.POSITIVE_INFINITY);
      gates.add(new Gate("max-drop", maxDrop, value, value <= maxDrop + 1e-12));
    }
    Double minRatio = options.minRatio();
    if (minRatio != null) {
      gates.add(new Gate("min-ratio", minRatio, ratio, ratio >= minRatio));
    }
    Long maxBytes = options.maxBytes();
    if (maxBytes != null) {
      gates.add(new Gate("max-bytes", maxBytes, bytes, bytes <= maxBytes));
    }
    return gates;
  }

  /**
   * @param name of the option without its hyphens
   */
  record Gate(String name, Number bound, Number value, boolean kept) {
    SequencedMap<String, Object> describe() {
      SequencedMap<String, Object> map = new LinkedHashMap<>();
      map.put("gate", name);
      map.put("bound", bound);
      map.put("value", value);
      map.put("kept", kept);
      return map;
    }

    /** {@code "min-ratio missed: 38.2, bound 40"}. */
    @Override
    public String toString() {
      return "%s %s: %s, bound %s"
          .formatted(name, kept ? "kept" : "missed", text(value), text(bound));
    }

    private static String text(Number n) {
      return n instanceof Long
          ? n.toString()
          : java.math.BigDecimal.valueOf(n.doubleValue())
              .round(new java.math.MathContext(5))
              .stripTrailingZeros()
              .toPlainString();
    }
  }
}
