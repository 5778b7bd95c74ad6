package compress.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Rows under a heading, each column as wide as its widest cell, two spaces between columns. A
 * column whose name starts with {@code >} is aligned to the right.
 */
public final class Table {
  private final List<String> names;
  private final List<List<String>> rows = new ArrayList<>();

  public Table(String... names) {
    this.names = List.of(names);
  }

  /**
   * @param cells one for each column
   */
  public Table row(Object... cells) {
    if (cells.length != names.size()) {
      throw new IllegalArgumentException(cells.length + " cells in " + names.size() + " columns");
    }
    rows.add(Arrays.stream(cells).map(Object::toString).toList());
    return this;
  }

  public boolean isEmpty() {
    return rows.isEmpty();
  }

  /** Lines without blanks at their ends, each with a line break. */
  @Override
  public String toString() {
    List<String> heading = names.stream().map(n -> isRight(n) ? n.substring(1) : n).toList();
    int[] widths = new int[names.size()];
    for (int c = 0; c < widths.length; c++) {
      widths[c] = heading.get(c).length();
      for (List<String> row : rows) {
        widths[c] = Math.max(widths[c], row.get(c).length());
      }
    }
    StringBuilder text = new StringBuilder();
    append(text, heading, widths);
    rows.forEach(row -> append(text, row, widths));
    return text.toString();
  }

  private void append(StringBuilder text, List<String> row, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int c = 0; c < widths.length; c++) {
      String pad = " ".repeat(widths[c] - row.get(c).length());
      line.append(c == 0 ? "" : "  ");
      line.append(isRight(names.get(c)) ? pad + row.get(c) : row.get(c) + pad);
    }
    text.append(line.toString().stripTrailing()).append('\n');
  }

  private static boolean isRight(String name) {
    return name.startsWith(">");
  }
}
