package compress.prune;

import compress.model.Mask;
import compress.model.Model;
import compress.model.Param;
import compress.model.Shape;
import compress.model.Tensor;
import compress.train.Calibration;
import compress.train.LayerInput;
import compress.train.SecondMoment;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;

/**
 * Prunes layer by layer so that each layer's outputs on the calibration samples stay as they were,
 * as nearly as its remaining weights can have it: goes through the columns, chooses by {@link
 * Criteria.Obs} what goes, and spreads each error over the columns to come. Layers come in the
 * order of the graph, and each sees the outputs of those that are pruned already.
 *
 * <p>Memory is one second moment for the layers that share an input, its inverse's factor (both of
 * {@code columns²} numbers), and one batch of samples; the network is run once for each such group,
 * up to there.
 *
 * @see <a href="https://arxiv.org/abs/2301.00774">Frantar and Alistarh 2023</a>, algorithm 1
 */
final class Reconstruction {
  /** Added to the diagonal, as a share of its mean: the paper's. */
  private static final double DAMPING = 0.01;

  private final PruneOptions options;
  private final Calibration calibration;
  private final Map<String, Mask> admitted = new LinkedHashMap<>();

  Reconstruction(PruneOptions options, Calibration calibration) {
    this.options = options;
    this.calibration = calibration;
  }

  /** What the pattern kept of each layer, in the file's order, after {@link #run}. */
  Map<String, Mask> admitted() {
    return admitted;
  }

  /**
   * @param layers that {@link LayerInput} knows and that hold plain floats
   * @param sparsities by layer
   */
  Model run(Model model, SequencedMap<String, OutputsFirst> layers, Map<String, Double> sparsities)
      throws IOException {
    Model current = model;
    for (List<String> group : groups(model, layers)) {
      Map<String, SecondMoment> moments = calibration.collect(current, group, SecondMoment::new);
      List<Param> changed = new ArrayList<>();
      for (Map.Entry<String, SecondMoment> layer : moments.entrySet()) {
        String name = layer.getKey();
        Param param = current.param(name);
        OutputsFirst order = Objects.requireNonNull(layers.get(name));
        float[] weights = order.view(param.values().toFloats()).clone();
        double sparsity = sparsities.getOrDefault(name, 0.0);
        SparsityPattern pattern = options.pattern().get(name);
        Mask mask = prune(weights, order.shape(), layer.getValue(), pattern, sparsity);
        admitted.put(name, order.stored(mask));
        Tensor result = Tensor.of(param.shape(), order.stored(weights));
        changed.add(Param.of(name, result));
      }
      current = current.with(changed);
    }
    return current;
  }

  /** Layers that are multiplied with the same tensors, in the order of the graph. */
  private static List<List<String>> groups(Model model, SequencedMap<String, OutputsFirst> layers) {
    Map<List<Object>, List<String>> groups = new LinkedHashMap<>();
    LayerInput.of(model)
        .forEach((name, places) -> {
          if (layers.containsKey(name)) {
            List<Object> sources = new ArrayList<>();
            places.forEach(p -> sources.addAll(List.of(p.tensor(), p.unfolding())));
            groups.computeIfAbsent(sources, s -> new ArrayList<>()).add(name);
          }
        });
    return List.copyOf(groups.values());
  }

  /**
   * Prunes one layer in place.
   *
   * @param weights with outputs first
   * @return what the pattern keeps; of that, what was 0 before stays 0 too
   */
  static Mask prune(
      float[] weights, Shape shape, SecondMoment moment, SparsityPattern pattern, double sparsity) {
    int rows = (int) shape.dim(0) / moment.groups();
    int columns = moment.columns();
    int[] order = order(shape, pattern, columns);
    int[] windows = windows(shape, pattern, columns);
    BitSet admitted = new BitSet();
    for (int group = 0; group < moment.groups(); group++) {
      double[] factor = moment.inverseCholesky(group, order, DAMPING);
      double[] w = new double[rows * columns];
      int first = group * rows * columns;
      for (int i = 0; i < w.length; i++) {
        w[i] = weights[first + i / columns * columns + order[i % columns]];
      }
      double[] evidence = new double[columns];
      for (int c = 0; c < columns; c++) {
        double d = factor[c * columns + c];
        // What was 0 in all samples goes first.
        evidence[c] = moment.isDead(group, order[c]) ? Float.MAX_VALUE : d * d;
      }
      boolean[] gone = new boolean[w.length];
      boolean[] kept = new boolean[w.length];
      for (int i = 0; i < w.length; i++) {
        gone[i] = w[i] == 0;
      }
      for (int window = 0; window + 1 < windows.length; window++) {
        int from = windows[window];
        int to = windows[window + 1];
        choose(w, rows, columns, from, to, evidence, gone, kept, pattern, shape, sparsity);
        remove(w, rows, columns, from, to, factor, gone);
      }
      for (int i = 0; i < w.length; i++) {
        int at = first + i / columns * columns + order[i % columns];
        weights[at] = gone[i] ? 0 : (float) w[i];
        admitted.set(at, kept[i]);
      }
    }
    Mask mask = Mask.of(shape, admitted);
    if (!pattern.admits(mask)) {
      throw new IllegalStateException("what " + pattern.name() + " chose breaks it");
    }
    return mask;
  }

  /** The order in which columns are gone through: neighbours of N:M must be neighbours. */
  private static int[] order(Shape shape, SparsityPattern pattern, int columns) {
    int[] order = new int[columns];
    Arrays.setAll(order, i -> i);
    if (pattern instanceof NofM && shape.rank() > 2) {
      int inputs = (int) shape.dim(1);
      int places = columns / inputs;
      Arrays.setAll(order, i -> i % inputs * places + i / inputs);
    }
    return order;
  }

  /** Where the lots of columns begin that are chosen together, and the end. */
  private static int[] windows(Shape shape, SparsityPattern pattern, int columns) {
    int width = pattern.columnsAtOnce(shape);
    // Runs of N:M end with the channels, at each place of the kernel.
    int stretch = pattern instanceof NofM ? (int) shape.dim(1) : columns;
    List<Integer> starts = new ArrayList<>();
    for (int at = 0; at < columns; at += stretch) {
      for (int c = 0; c < stretch; c += width) {
        starts.add(at + c);
      }
    }
    starts.add(columns);
    return starts.stream().mapToInt(i -> i).toArray();
  }

  private static void choose(
      double[] w,
      int rows,
      int columns,
      int from,
      int to,
      double[] evidence,
      boolean[] gone,
      boolean[] kept,
      SparsityPattern pattern,
      Shape shape,
      double sparsity) {
    int width = to - from;
    float[] part = new float[rows * width];
    float[] perWeight = new float[rows * width];
    for (int i = 0; i < part.length; i++) {
      int at = i / width * columns + from + i % width;
      // What an earlier stage pruned stays so, whatever was spread over it.
      part[i] = gone[at] ? 0 : (float) w[at];
      perWeight[i] = (float) evidence[from + i % width];
    }
    Shape window = Shape.of(rows, width);
    float[] scores = new Criteria.Obs().scores(part, window, perWeight, 0);
    if (pattern instanceof Kernels) {
      int size = Kernels.size(shape);
      window = Shape.of(rows, width / size, size);
    }
    Mask mask = pattern.project(scores, window, sparsity);
    for (int i = 0; i < part.length; i++) {
      int at = i / width * columns + from + i % width;
      kept[at] = mask.keeps(i);
      gone[at] |= !kept[at];
    }
  }

  /** Sets to 0 what is gone, and lets the columns to come make up for it. */
  private static void remove(
      double[] w, int rows, int columns, int from, int to, double[] factor, boolean[] gone) {
    for (int r = 0; r < rows; r++) {
      for (int c = from; c < to; c++) {
        int at = r * columns + c;
        if (gone[at] && w[at] != 0) {
          double error = w[at] / factor[c * columns + c];
          spread(w, r * columns, factor, c * columns, c, columns, error);
          w[at] = 0;
        }
      }
    }
  }

  private static void spread(
      double[] w, int row, double[] factor, int factorRow, int from, int to, double error) {
    for (int k = from; k < to; k++) {
      w[row + k] -= error * factor[factorRow + k];
    }
  }
}
