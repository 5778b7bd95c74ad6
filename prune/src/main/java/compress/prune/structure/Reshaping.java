package compress.prune.structure;

import compress.model.Node;
import compress.model.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToIntFunction;

/**
 * The same entries in row-major order under other axes. Axes fall into stretches of equal products:
 * {@code [2, 50, 4, 4]} to {@code [2, 800]} has the stretches 2 to 2 and (50, 4, 4) to 800. Where
 * several axes become one, or one several, cuts go along one of the several, and the others stay:
 * that of attention's heads, or else the outermost that keeps all its units apart. So cutting a
 * channel cuts its 16 places in a flattened vector, and cutting a head the columns that it was
 * reshaped from.
 */
final class Reshaping implements Rule {
  @Override
  public void link(Site site) {
    Shape from = site.shapeIn(0);
    Shape to = site.shapeOut(0);
    if (from.size() == 0) {
      site.pinAll(site.label() + " reshapes nothing");
      return;
    }
    int i = 0;
    int o = 0;
    while (i < from.rank() || o < to.rank()) {
      List<Axis> in = new ArrayList<>();
      List<Axis> out = new ArrayList<>();
      long left = 1;
      long right = 1;
      do {
        if (o == to.rank() || i < from.rank() && left <= right) {
          left *= from.dim(i);
          add(site, in, site.in(0, i++));
        } else {
          right *= to.dim(o);
          add(site, out, site.out(0, o++));
        }
      } while (left != right);
      couple(site, in, out);
    }
    if (site.node().is("Reshape")) {
      follow(site);
    }
  }

  /** Axes of length 1 have nothing to cut, and stand anywhere. */
  private static void add(Site site, List<Axis> axes, Axis axis) {
    if (site.ties().length(axis) > 1) {
      axes.add(axis);
    }
  }

  private static void couple(Site site, List<Axis> in, List<Axis> out) {
    if (in.size() == 1 && out.size() == 1) {
      site.ties().tie(in.getFirst(), out.getFirst());
    } else if (in.size() == 1) {
      fold(site, out, site.ties().labels(in.getFirst()));
    } else if (out.size() == 1) {
      fold(site, in, site.ties().labels(out.getFirst()));
    } else if (!in.isEmpty()) {
      int size = 1;
      for (Axis axis : in) {
        size *= site.ties().length(axis);
      }
      int[] flat = site.ties().fresh(size);
      fold(site, in, flat);
      fold(site, out, flat);
    }
  }

  /** Whether several axes may become one, or one several. */
  static boolean mayFold(Node node) {
    return node.is("Reshape") || node.is("Flatten");
  }

  /**
   * Ties one of several axes to the axis that they fold to.
   *
   * @param flat the labels of that axis
   */
  private static void fold(Site site, List<Axis> axes, int[] flat) {
    Optional<Axis> chosen = choose(site.ties(), axes, flat);
    for (Axis axis : axes) {
      if (!Optional.of(axis).equals(chosen)) {
        site.ties().pin(axis, site.label() + " folds it with other axes");
      }
    }
    for (int f = 0; f < flat.length; f++) {
      if (chosen.isEmpty()) {
        site.ties().pin(flat[f], site.label() + " folds axes that stay");
      } else {
        Axis axis = chosen.get();
        int index = f / stride(site.ties(), axes, axis) % site.ties().length(axis);
        site.ties().tie(flat[f], site.ties().label(axis, index));
      }
    }
  }

  /**
   * The axis to cut along: of those that are not pinned and whose units would all stay apart the
   * one that heads lie along, else the outermost; if none keeps its units apart, the one that keeps
   * most.
   */
  private static Optional<Axis> choose(Couplings ties, List<Axis> axes, int[] flat) {
    List<Axis> free = axes.stream().filter(axis -> !ties.isPinned(axis)).toList();
    Map<Axis, Integer> units = new LinkedHashMap<>();
    free.forEach(axis -> units.put(axis, units(ties, axis, stride(ties, axes, axis), flat)));
    List<Axis> apart =
        free.stream().filter(a -> units.getOrDefault(a, 0) == ties.length(a)).toList();
    return apart.stream()
        .filter(axis -> ties.isHead(ties.root(axis, 0)))
        .findFirst()
        .or(() -> apart.stream().findFirst())
        .or(() -> free.stream().max(Comparator.comparing(a -> units.getOrDefault(a, 0))));
  }

  /** From one index of an axis to the next, where the axes are folded. */
  private static int stride(Couplings ties, List<Axis> axes, Axis axis) {
    int stride = 1;
    for (Axis inner : axes.subList(axes.indexOf(axis) + 1, axes.size())) {
      stride *= ties.length(inner);
    }
    return stride;
  }

  /** How many units an axis would have, tied to {@code flat}. */
  private static int units(Couplings ties, Axis axis, int stride, int[] flat) {
    int length = ties.length(axis);
    int[] parents = new int[length];
    Map<Integer, Integer> seen = new HashMap<>();
    for (int i = 0; i < length; i++) {
      parents[i] = i;
      join(parents, i, seen.getOrDefault(ties.root(axis, i), -1));
      seen.put(ties.root(axis, i), i);
    }
    for (int f = 0; f < flat.length; f++) {
      int index = f / stride % length;
      int root = ties.root(flat[f]);
      join(parents, index, seen.getOrDefault(root, -1));
      seen.put(root, index);
    }
    int units = 0;
    for (int i = 0; i < length; i++) {
      units += parents[i] == i ? 1 : 0;
    }
    return units;
  }

  private static void join(int[] parents, int a, int b) {
    if (b >= 0) {
      parents[top(parents, a)] = top(parents, b);
    }
  }

  private static int top(int[] parents, int i) {
    int at = i;
    while (parents[at] != at) {
      parents[at] = parents[parents[at]];
      at = parents[at];
    }
    return at;
  }

  /** Axes whose lengths the target reads off others are as long as those. */
  private static void follow(Site site) {
    Optional<List<Lengths.Entry>> target = site.lengths().entries(site.node().input(1));
    for (int a = 0; a < site.shapeOut(0).rank(); a++) {
      Axis out = site.out(0, a);
      if (target.isEmpty() || target.get().size() != site.shapeOut(0).rank()) {
        site.ties().pin(out, site.label() + " computes its target");
      } else if (target.get().get(a) instanceof Lengths.Of(Axis axis)) {
        if (site.ties().length(axis) == site.ties().length(out)) {
          site.ties().tie(axis, out);
        } else {
          site.ties().pin(out, site.label() + " computes its target");
        }
      }
    }
  }

  @Override
  public void settle(Site site) {
    if (!site.node().is("Reshape") || target(site, site.ties()::length).isPresent()) {
      return;
    }
    for (int a = 0; a < site.shapeOut(0).rank(); a++) {
      site.ties().pin(site.out(0, a), site.label() + " computes its target");
    }
  }

  /** The target as numbers of the file; empty if more than one axis is open. */
  private static Optional<long[]> target(Site site, ToIntFunction<Axis> length) {
    Optional<List<Lengths.Entry>> entries = site.lengths().entries(site.node().input(1));
    if (entries.isEmpty()) {
      return Optional.empty();
    }
    boolean zeroCopies = site.node().intAttribute("allowzero", 0) == 0;
    long[] target = new long[entries.get().size()];
    int open = 0;
    for (int a = 0; a < target.length; a++) {
      switch (entries.get().get(a)) {
        case Lengths.Constant(long value) ->
            target[a] = value > 0 ? length.applyAsInt(site.out(0, a)) : value;
        case Lengths.Of _, Lengths.Computed _ -> {
          boolean copies =
              a < site.shapeIn(0).rank() && site.ties().areTied(site.in(0, a), site.out(0, a));
          target[a] = copies ? 0 : -1;
        }
      }
      open += target[a] == -1 ? 1 : 0;
    }
    boolean zeros = Arrays.stream(target).anyMatch(t -> t == 0);
    return open > 1 || zeros && !zeroCopies ? Optional.empty() : Optional.of(target);
  }

  @Override
  public Node rewrite(Site site, Cut cut) {
    if (!site.node().is("Reshape")) {
      return site.node();
    }
    List<Lengths.Entry> entries = site.lengths().entries(site.node().input(1)).orElse(List.of());
    boolean changes = false;
    for (int a = 0; a < entries.size(); a++) {
      // Lengths that are read off and those that are left open or copied adapt by themselves.
      boolean adapts =
          entries.get(a) instanceof Lengths.Of
              || entries.get(a) instanceof Lengths.Constant(long value) && value <= 0;
      changes |= !adapts && cut.changes(site.out(0, a));
    }
    return changes
        ? cut.withInput(site.node(), 1, target(site, cut::length).orElseThrow())
        : site.node();
  }
}
