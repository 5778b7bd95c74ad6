package compress.prune.structure;

import compress.model.Affine;
import compress.model.Granularity;
import compress.model.Model;
import compress.model.Param;
import compress.model.Role;
import compress.model.Weight;
import compress.model.Weights;
import compress.prune.structure.ChannelGroup.Kind;
import compress.prune.structure.ChannelGroup.Member;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;

/** Gathers the units of a network into groups: units that touch the same axes belong together. */
final class Grouping {
  private final Couplings ties;
  private final Map<String, Weight> weights = new LinkedHashMap<>();
  private final Model model;

  Grouping(Model model, Couplings ties) {
    this.model = model;
    this.ties = ties;
    Weights.of(model).stream()
        .filter(w -> w.role().isWeight() && w.param().size() > 0)
        .forEach(w -> weights.put(w.name(), w));
    model.params().values().forEach(this::pinWhatCannotBeSliced);
  }

  /** Where the outputs of a weight lie: of an embedding the entries of its rows. */
  private static int outputAxis(Weight weight) {
    return weight.role() == Role.EMBEDDING
        ? weight.param().shape().rank() - 1
        : weight.outputAxis();
  }

  private void pinWhatCannotBeSliced(Param param) {
    if (param.values() instanceof Affine(_, _, _, Granularity.PerGroup(int axis, int size))
        && ties.knows(param.name())) {
      Axis grouped = new Axis(param.name(), Site.axis(axis, param.shape().rank()));
      ties.pin(grouped, "%s has one scale for %d entries of it".formatted(param.name(), size));
    }
  }

  /**
   * The groups, each with at least one weight whose outputs its units are.
   *
   * @param roots receives for each group the roots of its units
   */
  List<ChannelGroup> groups(List<int[]> roots) {
    // For each unit that a weight computes, the axes that it touches, in order.
    SequencedMap<Integer, List<Axis>> touched = new LinkedHashMap<>();
    for (Weight weight : weights.values()) {
      Axis axis = new Axis(weight.name(), outputAxis(weight));
      for (int i = 0; i < ties.length(axis); i++) {
        touched.putIfAbsent(ties.root(axis, i), new ArrayList<>());
      }
    }
    for (Axis axis : ties.axes()) {
      for (int i = 0; i < ties.length(axis); i++) {
        List<Axis> axes = touched.get(ties.root(axis, i));
        if (axes != null && (axes.isEmpty() || !axes.getLast().equals(axis))) {
          axes.add(axis);
        }
      }
    }
    SequencedMap<Object, List<Integer>> alike = new LinkedHashMap<>();
    touched.forEach((root, axes) ->
        alike.computeIfAbsent(List.of(axes, ties.pinned(root)), k -> new ArrayList<>()).add(root));
    List<ChannelGroup> groups = new ArrayList<>();
    for (List<Integer> units : alike.values()) {
      groups.add(group(units, touched.getOrDefault(units.getFirst(), List.of())));
      roots.add(units.stream().mapToInt(Integer::intValue).toArray());
    }
    return groups;
  }

  private ChannelGroup group(List<Integer> units, List<Axis> axes) {
    Map<Integer, Integer> unitOf = new HashMap<>();
    for (int u = 0; u < units.size(); u++) {
      unitOf.put(units.get(u), u);
    }
    List<Member> members = new ArrayList<>();
    for (Axis axis : axes) {
      if (model.params().containsKey(axis.value())) {
        members.add(member(axis, unitOf));
      }
    }
    List<Member> producers = members.stream().filter(Member::produces).toList();
    String name = producers.getFirst().param();
    Set<Role> roles = new LinkedHashSet<>();
    for (Member producer : producers) {
      Weight weight = weights.get(producer.param());
      if (weight != null) {
        roles.add(weight.role());
      }
    }
    boolean isConv = roles.contains(Role.CONV) || roles.contains(Role.CONV_TRANSPOSE);
    Kind kind = isConv ? Kind.CHANNEL : ties.isHead(units.getFirst()) ? Kind.HEAD : Kind.NEURON;
    Optional<String> barrier = ties.pinned(units.getFirst());
    if (barrier.isEmpty() && units.size() < 2) {
      barrier = Optional.of("it is one unit, all of which hangs together");
    }
    return new ChannelGroup(name, kind, units.size(), members, barrier);
  }

  private Member member(Axis axis, Map<Integer, Integer> unitOf) {
    int[][] indices = new int[unitOf.size()][0];
    for (int i = 0; i < ties.length(axis); i++) {
      Integer unit = unitOf.get(ties.root(axis, i));
      if (unit != null) {
        indices[unit] = Arrays.copyOf(indices[unit], indices[unit].length + 1);
        indices[unit][indices[unit].length - 1] = i;
      }
    }
    Weight weight = weights.get(axis.value());
    boolean produces = weight != null && outputAxis(weight) == axis.number();
    return new Member(axis.value(), axis.number(), weight != null, produces, List.of(indices));
  }
}
