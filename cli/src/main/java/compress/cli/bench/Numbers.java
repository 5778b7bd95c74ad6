package compress.cli.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Numbers written as a list of numbers and ranges: {@code 1,16:64:16,128:1024:*2} is 1, 16, 32, 48,
 * 64, 128, 256, 512, 1024. A range has its last number if a step falls on it; without a step it
 * goes by 1.
 */
public record Numbers(List<Double> values) {
  /** So many are a mistake. */
  private static final int MOST = 10_000;

  private static final String HOW = "write 8, 1,16,64 or FIRST:LAST:STEP, FIRST:LAST:*FACTOR";

  public List<Integer> asInts() {
    return values.stream().map(Double::intValue).toList();
  }

  /** Whole numbers from 1. */
  public static final class Counts implements ITypeConverter<Numbers> {
    @Override
    public Numbers convert(String text) {
      Numbers numbers = parse(text);
      for (double v : numbers.values) {
        if (v < 1 || v > Integer.MAX_VALUE || v != Math.rint(v)) {
          throw new TypeConversionException(
              "'" + text + "' has " + show(v) + "; whole numbers from 1, " + HOW);
        }
      }
      return numbers;
    }
  }

  /** Numbers from 0 to 1. */
  public static final class Shares implements ITypeConverter<Numbers> {
    @Override
    public Numbers convert(String text) {
      Numbers numbers = parse(text);
      for (double v : numbers.values) {
        if (v < 0 || v > 1) {
          throw new TypeConversionException(
              "'%s' has %s; a sparsity is a share from 0 to 1%s"
                  .formatted(
                      text, show(v), v > 1 && v <= 100 ? ", so write " + show(v / 100) : ""));
        }
      }
      return numbers;
    }
  }

  private static Numbers parse(String text) {
    List<Double> all = new ArrayList<>();
    for (String item : text.split(",", -1)) {
      String[] parts = item.strip().split(":", -1);
      double first = number(parts[0], text);
      if (parts.length == 1) {
        all.add(first);
        continue;
      }
      if (parts.length > 3) {
        throw new TypeConversionException("'" + item + "' is no range; " + HOW);
      }
      double last = number(parts[1], text);
      String step = parts.length == 3 ? parts[2] : "1";
      boolean factor = step.startsWith("*");
      double by = number(factor ? step.substring(1) : step, text);
      if (last < first || (factor ? by <= 1 || first <= 0 : by <= 0)) {
        throw new TypeConversionException(
            "'%s' does not get from %s to %s; %s".formatted(item, show(first), show(last), HOW));
      }
      addRange(all, first, last, by, factor);
    }
    if (all.size() > MOST) {
      throw new TypeConversionException("'" + text + "' are more than " + MOST + " numbers");
    }
    return new Numbers(List.copyOf(all));
  }

  private static void addRange(
      List<Double> all, double first, double last, double by, boolean factor) {
    double end = last * (1 + 1e-9);
    for (int i = 0; all.size() <= MOST; i++) {
      double v = factor ? first * Math.pow(by, i) : first + i * by;
      if (v > end) {
        return;
      }
      // 0.5 + 8 * 0.05 is to be 0.9.
      all.add(Math.rint(v * 1e9) / 1e9);
    }
  }

  private static double number(String text, String all) {
    try {
      double value = Double.parseDouble(text);
      if (Double.isFinite(value)) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Told below.
    }
    throw new TypeConversionException("'" + text + "' in '" + all + "' is not a number; " + HOW);
  }

  private static String show(double v) {
    return v == Math.rint(v) && Math.abs(v) < 1e15
        ? String.format(Locale.ROOT, "%.0f", v)
        : Double.toString(v);
  }
}
