package compress.prune;

import compress.model.Model;
import compress.train.BatchNormStatistics;
import compress.train.Calibration;
import compress.train.Progress;
import compress.train.data.Order;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SplittableRandom;

/** Draws how layers share the sparsity, and finds the draw that does best untrained. */
final class SubModels {
  /** Makes a network of given sparsities. */
  interface Cut {
    Model at(Map<String, Double> sparsities) throws IOException;
  }

  /**
   * The best share found.
   *
   * @param candidate 0 for the allocation's own, else the number of the draw
   * @param losses of all candidates
   */
  record Found(Map<String, Double> sparsities, int candidate, Map<Integer, Double> losses) {}

  private final Schedule.Sampling schedule;
  private final SequencedMap<String, OutputsFirst> layers;
  private final Judge judge;
  private final Optional<Calibration> statistics;
  private final Progress progress;

  /**
   * @param statistics what batch normalizations are measured by; empty to leave them
   */
  SubModels(
      Schedule.Sampling schedule,
      SequencedMap<String, OutputsFirst> layers,
      Judge judge,
      Optional<Calibration> statistics,
      Progress progress) {
    this.schedule = schedule;
    this.layers = layers;
    this.judge = judge;
    this.statistics = statistics;
    this.progress = progress;
  }

  /** Of equally good ones the first. */
  Found best(Cut cut, Map<String, Double> sparsities, long seed) throws IOException {
    Map<String, Double> best = sparsities;
    int chosen = 0;
    Map<Integer, Double> losses = new LinkedHashMap<>();
    try (Progress.Task task = progress.start("try sub-models", schedule.candidates() + 1)) {
      for (int i = 0; i <= schedule.candidates(); i++) {
        Map<String, Double> drawn = i == 0 ? sparsities : draw(sparsities, Order.seed(seed, i));
        Model model = cut.at(drawn);
        if (statistics.isPresent()) {
          Calibration c = statistics.get();
          model = BatchNormStatistics.measured(model, c.inputs(), c.threads(), Progress.SILENT);
        }
        double loss = judge.loss(model);
        if (loss < losses.getOrDefault(chosen, Double.POSITIVE_INFINITY)) {
          best = drawn;
          chosen = i;
        }
        losses.put(i, loss);
        task.advance(1);
      }
    }
    return new Found(best, chosen, losses);
  }

  /** Sparsities near the given ones with the same total, within a weight or so of rounding. */
  Map<String, Double> draw(Map<String, Double> near, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Map<String, Double> drawn = new LinkedHashMap<>();
    near.forEach(
        (name, s) -> drawn.put(name, s + random.nextDouble(-schedule.spread(), schedule.spread())));
    double wanted = total(near, 0);
    double low = -2;
    double high = 2;
    for (int i = 0; i < 60; i++) {
      double middle = (low + high) / 2;
      if (total(drawn, middle) < wanted) {
        low = middle;
      } else {
        high = middle;
      }
    }
    double shift = high;
    drawn.replaceAll((name, s) -> Math.clamp(s + shift, 0, 1));
    return drawn;
  }

  /** Weights removed if all sparsities are moved by {@code shift}. */
  private double total(Map<String, Double> sparsities, double shift) {
    double total = 0;
    for (Map.Entry<String, Double> s : sparsities.entrySet()) {
      OutputsFirst layer = Objects.requireNonNull(layers.get(s.getKey()));
      total += layer.shape().size() * Math.clamp(s.getValue() + shift, 0, 1);
    }
    return total;
  }
}
