package compress.cli.pipeline;

import compress.cli.options.GateOptions;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** What a result has to keep. */
public final class Gates {
  private Gates() {}

  /**
   * What bounds are put on. A figure that was not measured is absent, and misses a bound on it.
   *
   * @param drop how much lower the accuracy is than the original's
   * @param ratio the original's bytes by the result's
   * @param speedup the original's time by the result's
   */
  public record Measured(
      @Nullable Double drop,
      @Nullable Double ratio,
      @Nullable Long bytes,
      @Nullable Double speedup) {}

  /** Each bound that was set beside what was reached. */
  public static List<Gate> of(GateOptions options, Measured measured) {
    List<Gate> gates = new ArrayList<>();
    add(gates, "max-drop", options.maxDrop(), measured.drop, true);
    add(gates, "min-ratio", options.minRatio(), measured.ratio, false);
    add(gates, "max-bytes", options.maxBytes(), measured.bytes, true);
    add(gates, "min-speedup", options.minSpeedup(), measured.speedup, false);
    return gates;
  }

  private static void add(
      List<Gate> gates,
      String name,
      @Nullable Number bound,
      @Nullable Number value,
      boolean isMost) {
    if (bound == null) {
      return;
    }
    boolean kept = false;
    if (value != null) {
      double over = value.doubleValue() - bound.doubleValue();
      // A difference of two shares is rarely the decimal fraction that was typed.
      kept = isMost ? over <= 1e-12 : over >= 0;
    }
    gates.add(new Gate(name, bound, value, kept));
  }

  /** Lines for the bounds that were missed. */
  public static List<String> missed(List<Gate> gates) {
    return gates.stream().filter(g -> !g.kept).map(Gate::toString).toList();
  }

  /**
   * @param name of the option without its hyphens
   * @param value absent if it was not measured
   */
  public record Gate(String name, Number bound, @Nullable Number value, boolean kept) {
    /** As reports have it. */
    public SequencedMap<String, @Nullable Object> describe() {
      SequencedMap<String, @Nullable Object> map = new LinkedHashMap<>();
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
          .formatted(
              name,
              kept ? "kept" : "missed",
              value == null ? "not measured" : text(value),
              text(bound));
    }

    private static String text(Number n) {
      return n instanceof Long
          ? n.toString()
          : BigDecimal.valueOf(n.doubleValue())
              .round(new MathContext(5))
              .stripTrailingZeros()
              .toPlainString();
    }
  }
}
