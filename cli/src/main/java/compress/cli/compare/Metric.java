package compress.cli.compare;

import compress.cli.Figures;
import java.util.Locale;

/** What a trial is judged by; 1 is best. */
public enum Metric {
  /** The share of samples whose class is right. Needs labels. */
  ACCURACY,
  /** The share of samples that get the class that the original gives them. */
  AGREEMENT,
  /** The mean cosine of the angle between the answers and the original's. */
  COSINE;

  /** {@code 99.12 %}, or {@code 0.99312} of a cosine. */
  public String text(double value) {
    return this == COSINE ? String.format(Locale.ROOT, "%.5f", value) : Figures.percent(value);
  }

  /** A difference of two values: {@code +0.31}, in hundredths but for cosines. */
  public String difference(double value) {
    String text =
        this == COSINE
            ? String.format(Locale.ROOT, "%+.5f", value)
            : String.format(Locale.ROOT, "%+.2f", 100 * value);
    return text.matches("[-+]0\\.0*") ? text.substring(1) : text;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
