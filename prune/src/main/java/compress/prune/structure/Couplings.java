package compress.prune.structure;

import compress.model.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * Which indices of which axes must be cut together. Each index of each axis of each value has a
 * label; {@link #tie} puts two labels into one unit, and {@link #pin} keeps a unit whole for a
 * reason. Costs the sum of the lengths of all axes.
 *
 * <p>A union-find forest: the root of a label names its unit, always by the lowest label in it, so
 * that the order of ties does not show.
 */
final class Couplings {
  private final SequencedMap<String, Shape> shapes;
  // The label of index 0 of each axis, by value.
  private final SequencedMap<String, int[]> firsts = new LinkedHashMap<>();
  private int[] parents;
  private int labels;
  // By root; where there is no reason, the unit can be cut.
  private @Nullable String[] reasons;
  private boolean[] heads;

  /**
   * @param shapes of params and values, in the order in which units are to be named
   */
  Couplings(SequencedMap<String, Shape> shapes) {
    this.shapes = shapes;
    long count = 0;
    for (Map.Entry<String, Shape> e : shapes.entrySet()) {
      int[] first = new int[e.getValue().rank()];
      for (int a = 0; a < first.length; a++) {
        first[a] = Math.toIntExact(count);
        count += e.getValue().dim(a);
      }
      firsts.put(e.getKey(), first);
    }
    labels = Math.toIntExact(count);
    parents = new int[labels];
    Arrays.setAll(parents, i -> i);
    reasons = new String[labels];
    heads = new boolean[labels];
  }

  /** Of all params and values that are known, in order. */
  SequencedMap<String, Shape> shapes() {
    return shapes;
  }

  boolean knows(String value) {
    return shapes.containsKey(value);
  }

  /** The shape of a value that is known. */
  Shape shape(String value) {
    Shape shape = shapes.get(value);
    if (shape == null) {
      throw new IllegalArgumentException("the shape of '" + value + "' is not known");
    }
    return shape;
  }

  int length(Axis axis) {
    return (int) shape(axis.value()).dim(axis.number());
  }

  /** Every axis of every value, in the order of the shapes. */
  List<Axis> axes() {
    List<Axis> axes = new ArrayList<>();
    firsts.forEach((value, first) -> {
      for (int a = 0; a < first.length; a++) {
        axes.add(new Axis(value, a));
      }
    });
    return axes;
  }

  /** The label of index {@code i} of an axis. */
  int label(Axis axis, int i) {
    int[] first = firsts.get(axis.value());
    if (first == null) {
      throw new IllegalArgumentException("the shape of '" + axis.value() + "' is not known");
    }
    return first[axis.number()] + i;
  }

  /** All labels of an axis. */
  int[] labels(Axis axis) {
    int first = label(axis, 0);
    int[] all = new int[length(axis)];
    Arrays.setAll(all, i -> first + i);
    return all;
  }

  /** Labels that belong to no value. */
  int[] fresh(int count) {
    int first = labels;
    labels += count;
    parents = Arrays.copyOf(parents, labels);
    reasons = Arrays.copyOf(reasons, labels);
    heads = Arrays.copyOf(heads, labels);
    int[] all = new int[count];
    for (int i = 0; i < count; i++) {
      all[i] = first + i;
      parents[first + i] = first + i;
    }
    return all;
  }

  /** The unit that a label belongs to. */
  int root(int label) {
    int at = label;
    while (parents[at] != at) {
      parents[at] = parents[parents[at]];
      at = parents[at];
    }
    return at;
  }

  int root(Axis axis, int i) {
    return root(label(axis, i));
  }

  void tie(int a, int b) {
    int low = Math.min(root(a), root(b));
    int high = Math.max(root(a), root(b));
    if (low != high) {
      parents[high] = low;
      reasons[low] = reasons[low] == null ? reasons[high] : reasons[low];
      heads[low] |= heads[high];
    }
  }

  void tie(Axis a, int i, Axis b, int j) {
    tie(label(a, i), label(b, j));
  }

  /** Index by index. */
  void tie(Axis a, Axis b) {
    if (length(a) != length(b)) {
      throw new IllegalArgumentException(
          "%s has %d entries, %s has %d".formatted(a, length(a), b, length(b)));
    }
    for (int i = 0; i < length(a); i++) {
      tie(a, i, b, i);
    }
  }

  /** Whether two axes are of the same units in the same order. */
  boolean areTied(Axis a, Axis b) {
    if (length(a) != length(b)) {
      return false;
    }
    for (int i = 0; i < length(a); i++) {
      if (root(a, i) != root(b, i)) {
        return false;
      }
    }
    return true;
  }

  /** Keeps the unit of a label whole; the first reason given for a unit stays. */
  void pin(int label, String why) {
    int root = root(label);
    reasons[root] = reasons[root] == null ? why : reasons[root];
  }

  void pin(Axis axis, String why) {
    for (int i = 0; i < length(axis); i++) {
      pin(label(axis, i), why);
    }
  }

  /** Pins all axes of a value, if it is known. */
  void pin(String value, String why) {
    if (knows(value)) {
      for (int a = 0; a < shape(value).rank(); a++) {
        pin(new Axis(value, a), why);
      }
    }
  }

  /** Why the unit with this root must stay; empty if it can be cut. */
  Optional<String> pinned(int root) {
    return Optional.ofNullable(reasons[root]);
  }

  /** Whether nothing on the axis can be cut. */
  boolean isPinned(Axis axis) {
    for (int i = 0; i < length(axis); i++) {
      if (pinned(root(axis, i)).isEmpty()) {
        return false;
      }
    }
    return true;
  }

  /** Marks the units of an axis along which heads of attention lie. */
  void markHeads(Axis axis) {
    for (int i = 0; i < length(axis); i++) {
      heads[root(axis, i)] = true;
    }
  }

  boolean isHead(int root) {
    return heads[root];
  }
}
