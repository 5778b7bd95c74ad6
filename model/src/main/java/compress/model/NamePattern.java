package compress.model;

import java.util.Collection;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Which tensors are meant, by name: a glob, in which {@code *} is any run of characters (dots and
 * slashes too) and {@code ?} is any one, or a regular expression after {@code re:}. Either must
 * match the whole name.
 */
public final class NamePattern {
  private static final String REGEX = "re:";

  private final String text;
  private final Pattern pattern;

  private NamePattern(String text, Pattern pattern) {
    this.text = text;
    this.pattern = pattern;
  }

  /**
   * @throws IllegalArgumentException if {@code text} is empty or not a regular expression
   */
  public static NamePattern parse(String text) {
    if (text.isEmpty() || text.equals(REGEX)) {
      throw new IllegalArgumentException("an empty name pattern matches nothing; use '*' for all");
    }
    if (!text.startsWith(REGEX)) {
      return new NamePattern(text, glob(text));
    }
    try {
      return new NamePattern(text, Pattern.compile(text.substring(REGEX.length())));
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "'%s' is not a regular expression: %s at character %d"
              .formatted(text, e.getDescription(), e.getIndex() + REGEX.length()),
          e);
    }
  }

  private static Pattern glob(String text) {
    StringBuilder regex = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      regex.append(c == '*' ? ".*" : c == '?' ? "." : Pattern.quote(String.valueOf(c)));
    }
    return Pattern.compile(regex.toString(), Pattern.DOTALL);
  }

  public boolean matches(String name) {
    return pattern.matcher(name).matches();
  }

  /** Whether this is a name as it stands, with nothing left open. */
  public boolean isLiteral() {
    return !text.startsWith(REGEX) && text.indexOf('*') < 0 && text.indexOf('?') < 0;
  }

  /**
   * Checks that at least one of {@code names} matches.
   *
   * @throws IllegalArgumentException naming the nearest of {@code names} if none does
   */
  public void requireMatch(Collection<String> names) {
    if (names.stream().noneMatch(this::matches)) {
      throw new IllegalArgumentException(
          "no tensor's name matches '%s'%s".formatted(text, NearestName.hint(text, names)));
    }
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof NamePattern p && text.equals(p.text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  /** As it was written. */
  @Override
  public String toString() {
    return text;
  }
}
