package compress.distill;

import compress.distill.Loss.Value;
import compress.model.NearestName;
import compress.model.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/** Which values of a teacher and a student belong together. */
final class Pairs {
  private final Landmarks teacher;
  private final Landmarks student;
  private final List<Pair> named;

  /** A value of the teacher and one of the student. */
  record Pair(Value teacher, Value student) {
    /** {@code stage1.out [16, 32, 32] = block1.out [8, 32, 32]}. */
    @Override
    public String toString() {
      return "%s %s = %s %s"
          .formatted(teacher.name(), teacher.sample(), student.name(), student.sample());
    }
  }

  /**
   * @param named by hand: a value of the teacher, and one of the student
   * @throws IllegalArgumentException if a network has no such value; names the nearest
   */
  Pairs(Landmarks teacher, Landmarks student, List<Names> named) {
    this.teacher = teacher;
    this.student = student;
    this.named =
        named.stream()
            .map(n ->
                new Pair(
                    find(teacher, n.teacher(), "teacher"), find(student, n.student(), "student")))
            .toList();
  }

  /** A pair as it was written. */
  record Names(String teacher, String student) {}

  private static Value find(Landmarks network, String name, String who) {
    return network
        .value(name)
        .orElseThrow(() -> {
          List<String> names = network.names();
          String near = NearestName.hint(name, names);
          List<String> first = names.subList(0, Math.min(6, names.size()));
          return new IllegalArgumentException(
              "the %s has no value '%s'%s"
                  .formatted(
                      who,
                      name,
                      near.isEmpty() ? "; there are: " + String.join(", ", first) : near));
        });
  }

  /** Those that a loss looks at; none if no values match. */
  List<Pair> of(Loss.Subject subject) {
    return switch (subject) {
      case SCORES -> List.of(new Pair(teacher.scores(), student.scores()));
      case EMBEDDING ->
          named.isEmpty() ? List.of(new Pair(teacher.embedding(), student.embedding())) : named;
      case MIDDLE -> named.isEmpty() ? middle(matched()) : named;
      case STAGES -> named.isEmpty() ? lasts() : named;
    };
  }

  private static List<Pair> middle(List<Pair> pairs) {
    return pairs.isEmpty() ? pairs : List.of(pairs.get(pairs.size() / 2));
  }

  /**
   * Of each size of images, or for tokens, the last landmark of both; of landmarks without places
   * none.
   */
  private List<Pair> lasts() {
    SequencedMap<List<Long>, List<Value>> theirs = bySize(teacher);
    List<Pair> pairs = new ArrayList<>();
    bySize(student)
        .forEach((size, own) -> {
          List<Value> there = theirs.get(size);
          boolean places = own.getLast().isImage() || own.getLast().isTokens();
          if (there != null && places) {
            pairs.add(new Pair(there.getLast(), own.getLast()));
          }
        });
    return pairs;
  }

  /** Landmarks of one size evenly, the last of the one network with the last of the other. */
  private List<Pair> matched() {
    SequencedMap<List<Long>, List<Value>> theirs = bySize(teacher);
    List<Pair> pairs = new ArrayList<>();
    bySize(student)
        .forEach((size, own) -> {
          List<Value> there = theirs.get(size);
          if (there != null) {
            int count = Math.min(own.size(), there.size());
            for (int i = 1; i <= count; i++) {
              pairs.add(
                  new Pair(
                      there.get(Math.ceilDiv(i * there.size(), count) - 1),
                      own.get(Math.ceilDiv(i * own.size(), count) - 1)));
            }
          }
        });
    return pairs;
  }

  /** By the number of axes and the places; channels may differ. */
  private static SequencedMap<List<Long>, List<Value>> bySize(Landmarks network) {
    SequencedMap<List<Long>, List<Value>> sizes = new LinkedHashMap<>();
    for (Value value : network.layers()) {
      Shape sample = value.sample();
      List<Long> size = new ArrayList<>(List.of((long) sample.rank()));
      if (value.isImage()) {
        size.add(sample.dim(1));
        size.add(sample.dim(2));
      }
      sizes.computeIfAbsent(size, s -> new ArrayList<>()).add(value);
    }
    return sizes;
  }
}
