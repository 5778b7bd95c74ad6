package compress.cli.pipeline;

import compress.cli.Figures;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What a cut did, as people read it: a line for each group of dimensions that go together. */
final class GroupLines {
  private static final int MOST_GROUPS = 24;
  private static final int MOST_MEMBERS = 4;

  private GroupLines() {}

  /**
   * The groups that were cut, then those that stay and why; none for a stage that cuts nothing.
   *
   * @param all whether long lists are written out
   */
  static List<String> of(Map<String, Object> details, boolean all) {
    List<String> cut = new ArrayList<>();
    List<String> left = new ArrayList<>();
    if (details.get("groups") instanceof Collection<?> groups) {
      for (Object group : groups) {
        if (group instanceof Map<?, ?> facts) {
          (facts.containsKey("reason") ? left : cut).add(line(facts, all));
        }
      }
    }
    List<String> lines = new ArrayList<>(cut);
    lines.addAll(left);
    if (lines.size() > MOST_GROUPS && !all) {
      int more = lines.size() - MOST_GROUPS;
      lines = new ArrayList<>(lines.subList(0, MOST_GROUPS));
      lines.add("and %s more; -v shows all".formatted(Figures.count(more, "group")));
    }
    return lines;
  }

  /** {@code 64 → 32 channels conv2.weight:0, bn2.weight:0, conv3.weight:1}. */
  private static String line(Map<?, ?> group, boolean all) {
    String kept = String.valueOf(group.get("kept"));
    String units = String.valueOf(group.get("units"));
    String size = kept.equals(units) ? units : units + " → " + kept;
    List<String> members = new ArrayList<>();
    if (group.get("members") instanceof Collection<?> list) {
      for (Object member : list) {
        if (member instanceof Map<?, ?> facts) {
          boolean one = Integer.valueOf(1).equals(facts.get("per_unit"));
          members.add(
              facts.get("tensor")
                  + ":"
                  + facts.get("axis")
                  + (one ? "" : "x" + facts.get("per_unit")));
        }
      }
    }
    int shown = all ? members.size() : Math.min(MOST_MEMBERS, members.size());
    String more = shown < members.size() ? " and %d more".formatted(members.size() - shown) : "";
    String why = group.containsKey("reason") ? "; stays: " + group.get("reason") : "";
    return "%s %ss  %s%s%s"
        .formatted(
            size, group.get("kind"), String.join(", ", members.subList(0, shown)), more, why);
  }

  /** {@code , 40.6 M → 20.2 M multiply-accumulates (49.9 %)}, or nothing. */
  static String macs(Map<String, Object> details) {
    if (!(details.get("macs_before") instanceof Number before)
        || !(details.get("macs_after") instanceof Number after)) {
      return "";
    }
    double share = before.longValue() == 0 ? 1 : after.doubleValue() / before.doubleValue();
    return String.format(
        Locale.ROOT,
        ", %s → %s multiply-accumulates (%.1f %%)",
        Figures.count(before.longValue()),
        Figures.count(after.longValue()),
        100 * share);
  }
}
