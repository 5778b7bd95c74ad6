package compress.kernels.measure;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;

/**
 * What to measure so that a {@link Dispatcher} knows a machine: sizes, columns, patterns and values
 * spread over what networks have, the coarse grid first, so that a table that was cut short covers
 * all of it too. Some cases between are for judging the table, and are no part of it.
 */
public final class Tuning {
  /** Short: a table has thousands of times, and needs to know which of two is smaller. */
  public static final Timing.Plan PLAN = new Timing.Plan(6, 8, 5, 12);

  private static final int[][] SHAPES = {
    {1024, 1024}, {256, 1024}, {64, 576}, {1024, 256}, {32, 128}, {4096, 1024}
  };

  private static final int[][] HELD_OUT_SHAPES = {{512, 768}, {128, 1152}};

  /** Larger weights are for few columns: with many, they behave as those of 1024 rows do. */
  private static final int MANY_WEIGHTS = 1 << 22;

  private static final int FEW_COLUMNS = 64;

  private Tuning() {}

  /** The table's cases, those that matter most first. */
  public static List<Case> cases() {
    SequencedSet<Case> cases = new LinkedHashSet<>();
    add(cases, SHAPES, List.of("unstructured", "block:8x1", "bank:128"), List.of(0.5, 0.9));
    add(cases, SHAPES, List.of("unstructured", "block:8x1", "bank:128"), List.of(0.8, 0.95));
    add(cases, SHAPES, List.of("block:4x1", "block:16x1", "bank:32"), List.of(0.5, 0.8, 0.95));
    return List.copyOf(cases);
  }

  /** Cases that are not in the table, of sizes and sparsities between. */
  public static List<Case> heldOut() {
    SequencedSet<Case> cases = new LinkedHashSet<>();
    for (int[] shape : HELD_OUT_SHAPES) {
      for (String pattern : List.of("unstructured", "block:8x1", "bank:128")) {
        for (double sparsity : List.of(0.6, 0.87)) {
          add(cases, shape, pattern, sparsity, "f32", List.of(1, 6, 40, 400));
        }
      }
      add(cases, shape, "2:4", 0, "f32", List.of(1, 6, 40, 400));
      add(cases, shape, "dense", 0, "int4:32", List.of(1, 6, 40));
      add(cases, shape, "dense", 0, "int8", List.of(1, 6, 40));
    }
    return List.copyOf(cases);
  }

  private static void add(
      SequencedSet<Case> cases, int[][] shapes, List<String> patterns, List<Double> sparsities) {
    boolean first = cases.isEmpty();
    for (int[] shape : shapes) {
      List<Integer> columns = new ArrayList<>(List.of(1, 4, 16, FEW_COLUMNS));
      if (shape[0] * shape[1] < MANY_WEIGHTS) {
        columns.add(256);
        columns.add(1024);
      }
      for (String pattern : patterns) {
        for (double sparsity : sparsities) {
          add(cases, shape, pattern, sparsity, "f32", columns);
        }
      }
      if (first) {
        add(cases, shape, "2:4", 0, "f32", columns);
        for (String values :
            List.of("int8", "int4:32", "int2", "binary", "codebook:16", "codebook:256")) {
          add(cases, shape, "dense", 0, values, columns);
        }
        add(cases, shape, "unstructured", 0.8, "codebook:256", columns);
        add(cases, shape, "unstructured", 0.95, "codebook:256", columns);
      }
    }
  }

  private static void add(
      SequencedSet<Case> cases,
      int[] shape,
      String pattern,
      double sparsity,
      String values,
      List<Integer> columns) {
    for (int n : columns) {
      cases.add(new Case(shape[0], n, shape[1], pattern, sparsity, values, false));
    }
  }
}
