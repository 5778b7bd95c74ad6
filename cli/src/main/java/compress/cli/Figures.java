package compress.cli;

import java.util.Locale;

/** Numbers as people read them. Units are decimal: 1 kB is 1000 bytes. */
public final class Figures {
  private Figures() {}

  /** {@code 999 B}, {@code 41.2 kB}, {@code 1.73 MB}: three digits. */
  public static String bytes(long bytes) {
    if (bytes < 1000) {
      return bytes + " B";
    }
    String[] units = {"kB", "MB", "GB", "TB", "PB", "EB"};
    double value = bytes / 1000.0;
    int unit = 0;
    // 999.5 would be rounded to 1000.
    while (value >= 999.5) {
      value /= 1000;
      unit++;
    }
    int decimals = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
    return String.format(Locale.ROOT, "%." + decimals + "f %s", value, units[unit]);
  }

  /** {@code 431,080}. */
  public static String count(long count) {
    return String.format(Locale.ROOT, "%,d", count);
  }

  /** {@code count(1, "tensor")} is {@code 1 tensor}, and 2 are {@code 2 tensors}. */
  public static String count(long count, String thing) {
    return count(count) + " " + thing + (count == 1 ? "" : "s");
  }

  /** A fraction of 1 with two decimals: {@code 99.12 %}. */
  public static String percent(double fraction) {
    return String.format(Locale.ROOT, "%.2f %%", 100 * fraction);
  }

  /** {@code 42.0×}. */
  public static String ratio(double ratio) {
    return String.format(Locale.ROOT, ratio < 9.995 ? "%.2f×" : "%.1f×", ratio);
  }

  /** Three significant digits, no more than the value needs: {@code 0.031}, {@code 1.2e-07}. */
  public static String number(double value) {
    if (value == Math.rint(value) && Math.abs(value) < 1e6) {
      return String.format(Locale.ROOT, "%.0f", value);
    }
    return Math.abs(value) >= 1e-3 && Math.abs(value) < 1e6
        ? String.format(
            Locale.ROOT,
            "%." + Math.max(0, 2 - (int) Math.floor(Math.log10(Math.abs(value)))) + "f",
            value)
        : String.format(Locale.ROOT, "%.2e", value);
  }

  /** {@code 0.4 s}, {@code 12 s}, {@code 3 min 5 s}. */
  public static String seconds(double seconds) {
    if (seconds < 9.95) {
      return String.format(Locale.ROOT, "%.1f s", seconds);
    }
    long whole = Math.round(seconds);
    return whole < 60 ? whole + " s" : whole / 60 + " min " + whole % 60 + " s";
  }
}
