package compress.cli.bench;

import compress.kernels.measure.OpenBlas;
import compress.kernels.measure.Rival;
import compress.model.NearestName;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;

/** Dense products by others. To add one: a line in the list, and its name in the option's help. */
final class Rivals {
  private static final List<Rival> ALL =
      List.of(
          new OpenBlas(),
          OnnxRuntimeRival.F32,
          OnnxRuntimeRival.DYNAMIC_INT8,
          OnnxRuntimeRival.MATMUL_NBITS_4,
          new TorchRival());

  private Rivals() {}

  /**
   * The names, with {@code all} and {@code none} taken for what they say.
   *
   * @throws IllegalArgumentException if there is no rival of a name
   */
  static List<String> named(List<String> given) {
    List<String> names = ALL.stream().map(Rival::name).toList();
    LinkedHashSet<String> chosen = new LinkedHashSet<>();
    for (String name : given) {
      if (name.equals("all")) {
        chosen.addAll(names);
      } else if (names.contains(name)) {
        chosen.add(name);
      } else if (!name.equals("none")) {
        List<String> candidates = new ArrayList<>(names);
        candidates.addAll(List.of("all", "none"));
        throw new IllegalArgumentException(
            "rival '%s'; %s, all or none%s"
                .formatted(name, String.join(", ", names), NearestName.hint(name, candidates)));
      }
    }
    return List.copyOf(chosen);
  }

  static List<Rival> of(List<String> names) {
    return ALL.stream().filter(r -> names.contains(r.name())).toList();
  }
}
