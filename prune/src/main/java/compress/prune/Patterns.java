package compress.prune;

import compress.model.Mask;
import compress.model.NearestName;
import compress.model.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The patterns there are. To add one: a record and its line in {@link #ALL}. */
public final class Patterns {
  /**
   * A pattern that can be asked for, or a family of them.
   *
   * @param form as the command line has it, with capitals for numbers: {@code N:M}
   * @param summary for {@code --help}
   * @param example one that exists
   * @param parse empty for text of another form
   */
  public record Entry(
      String form,
      String summary,
      SparsityPattern example,
      Function<String, Optional<SparsityPattern>> parse) {}

  private static final Pattern N_OF_M = Pattern.compile("(\\d{1,5}):(\\d{1,5})");
  private static final Pattern BANK = Pattern.compile("bank:(\\d{1,9})");
  private static final Pattern BLOCK = Pattern.compile("block:(\\d{1,7})x(\\d{1,7})(?::(\\w+))?");

  /** The first is the default. */
  public static final List<Entry> ALL =
      List.of(
          exactly(new Unstructured(), "any weight may stay"),
          new Entry(
              "N:M",
              "N in every run of M inputs: 2:4",
              new NofM(2, 4),
              matching(N_OF_M, m -> new NofM(number(m, 1), number(m, 2)))),
          new Entry(
              "bank:WIDTH",
              "equally many in each bank of WIDTH neighbours in a row",
              new Bank(16),
              matching(BANK, m -> new Bank(number(m, 1)))),
          new Entry(
              "block:RxC[:BY]",
              "blocks of R outputs by C neighbours as wholes",
              new Block(4, 4, GroupScore.MEAN),
              matching(BLOCK, m -> new Block(number(m, 1), number(m, 2), by(m.group(3))))),
          grouped("kernel", "kernels of convolutions as wholes", Kernels::new),
          grouped("row", "all weights of an output as wholes", Row::new));

  /** What {@link #shownBy} looks for, in order: what leaves less freedom first. */
  private static final List<SparsityPattern> SHOWN = shown();

  private Patterns() {}

  private static List<SparsityPattern> shown() {
    List<SparsityPattern> patterns = new ArrayList<>();
    patterns.add(new Row(GroupScore.MEAN));
    patterns.add(new Kernels(GroupScore.MEAN));
    int[][] blocks = {{8, 8}, {4, 4}, {16, 1}, {8, 1}, {1, 8}, {4, 1}, {1, 4}, {2, 2}, {2, 1}};
    for (int[] block : blocks) {
      patterns.add(new Block(block[0], block[1], GroupScore.MEAN));
    }
    patterns.add(new NofM(1, 4));
    patterns.add(new NofM(1, 2));
    patterns.add(new NofM(2, 4));
    for (int width = 4; width <= 1024; width *= 2) {
      patterns.add(new Bank(width));
    }
    patterns.add(new NofM(2, 8));
    patterns.add(new NofM(4, 8));
    return List.copyOf(patterns);
  }

  private static Entry exactly(SparsityPattern pattern, String summary) {
    return new Entry(
        pattern.name(),
        summary,
        pattern,
        text -> text.equals(pattern.name()) ? Optional.of(pattern) : Optional.empty());
  }

  private static Function<String, Optional<SparsityPattern>> matching(
      Pattern form, Function<Matcher, SparsityPattern> make) {
    return text -> {
      Matcher matcher = form.matcher(text);
      return matcher.matches() ? Optional.of(make.apply(matcher)) : Optional.empty();
    };
  }

  private static Entry grouped(
      String name, String summary, Function<GroupScore, SparsityPattern> make) {
    Pattern form = Pattern.compile(name + "(?::(\\w+))?");
    return new Entry(
        name + "[:BY]",
        summary,
        make.apply(GroupScore.MEAN),
        matching(form, m -> make.apply(by(m.group(1)))));
  }

  private static GroupScore by(@Nullable String name) {
    return name == null ? GroupScore.MEAN : GroupScore.parse(name);
  }

  private static int number(Matcher matcher, int group) {
    return Integer.parseInt(matcher.group(group));
  }

  /**
   * The strictest pattern that weights show, for reports: of those that say most of where they are.
   * Weights without zeros show none.
   *
   * @param mask with outputs first
   */
  public static Optional<SparsityPattern> shownBy(Mask mask) {
    if (mask.kept() == mask.shape().size()) {
      return Optional.empty();
    }
    return SHOWN.stream()
        .filter(p -> saysSomething(p, mask.shape()) && p.admits(mask))
        .findFirst()
        .or(() -> Optional.of(new Unstructured()));
  }

  /** Whether weights of this shape could also break the pattern. */
  private static boolean saysSomething(SparsityPattern pattern, Shape shape) {
    try {
      pattern.requireSuits(shape);
    } catch (IllegalArgumentException e) {
      return false;
    }
    long columns = shape.size() / Math.max(1, shape.dim(0));
    return switch (pattern) {
      case NofM p -> shape.dim(1) >= p.m();
      case Bank p -> columns >= p.width();
      case Block p -> shape.dim(0) >= p.rows() && columns >= p.columns();
      case Kernels p -> Kernels.size(shape) > 1;
      default -> columns > 1;
    };
  }

  /**
   * The pattern that {@code text} names.
   *
   * @throws IllegalArgumentException if there is none, naming the nearest
   */
  public static SparsityPattern parse(String text) {
    for (Entry entry : ALL) {
      Optional<SparsityPattern> pattern = entry.parse.apply(text);
      if (pattern.isPresent()) {
        return pattern.get();
      }
    }
    List<String> forms = ALL.stream().map(Entry::form).toList();
    throw new IllegalArgumentException(
        "unknown pattern '%s'%s; there are: %s"
            .formatted(text, NearestName.hint(text, forms), String.join(", ", forms)));
  }
}
