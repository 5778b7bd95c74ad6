package compress.runtime.op;

import java.util.ArrayList;
import java.util.List;

/**
 * The loops over several values of one shape, some of which may repeat along an axis. Axes go in
 * the order in which the first value lies in memory, and those that all values walk through without
 * a break are one loop. The innermost is left to the caller.
 */
final class Nest {
  private record Axis(int length, long[] strides) {}

  private final List<Axis> axes;
  private final int values;

  private Nest(List<Axis> axes, int values) {
    this.axes = axes;
    this.values = values;
  }

  /** All of one shape; the first decides the order. */
  static Nest of(Value... values) {
    List<Axis> axes = new ArrayList<>();
    for (int axis : values[0].order()) {
      if (values[0].dim(axis) == 1) {
        continue;
      }
      long[] strides = new long[values.length];
      for (int v = 0; v < values.length; v++) {
        strides[v] = values[v].stride(axis);
      }
      axes.add(new Axis(values[0].dim(axis), strides));
    }
    for (int i = axes.size() - 1; i > 0; i--) {
      Axis outer = axes.get(i - 1);
      Axis inner = axes.get(i);
      boolean joined = true;
      for (int v = 0; v < values.length; v++) {
        joined &= outer.strides[v] == inner.strides[v] * inner.length;
      }
      if (joined) {
        axes.set(i - 1, new Axis(Math.multiplyExact(outer.length, inner.length), inner.strides));
        axes.remove(i);
      }
    }
    if (axes.isEmpty()) {
      axes.add(new Axis(values[0].size() == 0 ? 0 : 1, new long[values.length]));
    }
    return new Nest(axes, values.length);
  }

  /** What is done for a line of the innermost loop, or a piece of it. */
  @FunctionalInterface
  interface Line {
    /**
     * @param at where the line begins in each value, in elements
     * @param n its length, at most {@link Threads#PIECE} unless whole lines were asked for
     */
    void run(int worker, long[] at, int n);
  }

  int rank() {
    return axes.size();
  }

  /** Elements in a line. */
  int inner() {
    return axes.getLast().length;
  }

  /** Elements of a value from one of a line to the next. */
  long innerStride(int value) {
    return axes.getLast().strides[value];
  }

  /** Length of the loop around a line. */
  int second() {
    return axes.get(axes.size() - 2).length;
  }

  long secondStride(int value) {
    return axes.get(axes.size() - 2).strides[value];
  }

  /** Whether some loop walks through a value element by element. */
  boolean isUnit(int value) {
    return axes.stream().anyMatch(a -> a.strides[value] == 1);
  }

  /** The loop that walks through a value element by element goes around the lines. */
  Nest withUnitSecond(int value) {
    List<Axis> moved = new ArrayList<>(axes);
    Axis inner = moved.removeLast();
    Axis unit = moved.stream().filter(a -> a.strides[value] == 1).findFirst().orElseThrow();
    moved.remove(unit);
    moved.add(unit);
    moved.add(inner);
    return new Nest(moved, values);
  }

  /** Calls {@code line} for each piece of each line, by several threads if there is much to do. */
  void run(Threads threads, Line line) {
    run(threads, axes.size() - 1, Threads.PIECE, line);
  }

  /** Calls {@code line} for each whole line. */
  void runLines(Threads threads, Line line) {
    run(threads, axes.size() - 1, Integer.MAX_VALUE, line);
  }

  /** Calls {@code line} once for each pair of the two innermost loops. */
  void runPairs(Threads threads, Line line) {
    run(threads, axes.size() - 2, Integer.MAX_VALUE, line);
  }

  private void run(Threads threads, int loops, int most, Line line) {
    int lines = 1;
    long size = 1;
    for (int i = 0; i < axes.size(); i++) {
      lines *= i < loops ? axes.get(i).length : 1;
      size *= axes.get(i).length;
    }
    if (size == 0) {
      return;
    }
    int length = inner();
    int pieces = Math.ceilDiv(length, most);
    long all = (long) lines * pieces;
    int parts = (int) Math.min(all, 4L * threads.count());
    threads.run(
        parts,
        size,
        (part, worker) -> {
          long[] at = new long[values];
          long[] cut = new long[values];
          long from = all * part / parts;
          long to = all * (part + 1) / parts;
          int[] index = start((int) (from / pieces), loops, at);
          for (long i = from; i < to; i++) {
            int piece = (int) (i % pieces);
            if (pieces == 1) {
              line.run(worker, at, length);
            } else {
              for (int v = 0; v < values; v++) {
                cut[v] = at[v] + (long) piece * most * innerStride(v);
              }
              line.run(worker, cut, Math.min(most, length - piece * most));
            }
            if (piece == pieces - 1) {
              step(index, loops, at);
            }
          }
        });
  }

  private int[] start(int line, int loops, long[] at) {
    int[] index = new int[loops];
    for (int i = loops - 1; i >= 0; i--) {
      Axis axis = axes.get(i);
      index[i] = line % axis.length;
      line /= axis.length;
      for (int v = 0; v < values; v++) {
        at[v] += index[i] * axis.strides[v];
      }
    }
    return index;
  }

  private void step(int[] index, int loops, long[] at) {
    for (int i = loops - 1; i >= 0; i--) {
      Axis axis = axes.get(i);
      if (++index[i] < axis.length) {
        for (int v = 0; v < values; v++) {
          at[v] += axis.strides[v];
        }
        return;
      }
      index[i] = 0;
      for (int v = 0; v < values; v++) {
        at[v] -= (axis.length - 1) * axis.strides[v];
      }
    }
  }
}
