package compress.cli.options;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a number, which may be written as a fraction: {@code 0.5}, {@code 1/255}, {@code 3%}. */
final class Fraction implements ITypeConverter<Double> {
  @Override
  public Double convert(String text) {
    try {
      int slash = text.indexOf('/');
      boolean percent = text.endsWith("%");
      double value =
          slash < 0
              ? Double.parseDouble(percent ? text.substring(0, text.length() - 1) : text)
                  / (percent ? 100 : 1)
              : Double.parseDouble(text.substring(0, slash))
                  / Double.parseDouble(text.substring(slash + 1));
      if (Double.isFinite(value)) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Told below.
    }
    throw new TypeConversionException("'" + text + "' is not a number; write 0.5, 50% or 1/2");
  }
}
