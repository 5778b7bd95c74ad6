package compress.model;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** Finds what was probably meant by a name that nothing has, for an error message. */
public final class NearestName {
  private NearestName() {}

  /**
   * The candidate with the fewest edits from {@code wrong}, upper and lower case being the same; an
   * exchange of two neighbours is one edit. Of equally near ones the first. Empty if even that one
   * differs in more than a third of the longer name, or if there are no candidates.
   */
  public static Optional<String> of(String wrong, Collection<String> candidates) {
    String best = null;
    int fewest = Integer.MAX_VALUE;
    for (String candidate : candidates) {
      int edits = edits(wrong.toLowerCase(Locale.ROOT), candidate.toLowerCase(Locale.ROOT));
      int allowed = Math.max(1, Math.max(wrong.length(), candidate.length()) / 3);
      if (edits < fewest && edits <= allowed) {
        best = candidate;
        fewest = edits;
      }
    }
    return Optional.ofNullable(best);
  }

  /** {@code "; did you mean 'fc1.weight'?"}, or nothing if no candidate is near. */
  public static String hint(String wrong, Collection<String> candidates) {
    return of(wrong, candidates).map(c -> "; did you mean '" + c + "'?").orElse("");
  }

  /**
   * Insertions, deletions, replacements and exchanges of neighbours that turn {@code a} into {@code
   * b}, no letter being edited twice (the optimal string alignment distance).
   */
  static int edits(String a, String b) {
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          d[i][j] = i + j;
          continue;
        }
        int replaced = d[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        d[i][j] = Math.min(replaced, Math.min(d[i - 1][j], d[i][j - 1]) + 1);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
        }
      }
    }
    return d[a.length()][b.length()];
  }
}
