package compress.quantize;

import compress.model.Model;
import compress.model.Param;
import compress.model.Weight;
import compress.model.onnx.Opsets;
import compress.quantize.Knapsack.Choice;
import compress.train.Context;
import compress.train.Progress;
import compress.train.data.DataSet;
import compress.train.data.DataSplit;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds the bits of each tensor. First each tensor alone is rounded to each number of bits that it
 * may have, and the network's answers are compared with the original ones: the mean
 * Kullback-Leibler divergence of their softmax. Then the bits are chosen that keep the limit with
 * the least sum of divergences, which {@link Knapsack} does exactly. A limit on the drop of
 * accuracy is kept by the least mean, in quarters of a bit, whose choice keeps it on the validation
 * part.
 *
 * @see <a href="https://arxiv.org/abs/1911.03852">Dong et al. 2019</a>, HAWQ-V2, which chooses so
 *     by another sensitivity, and <a href="https://arxiv.org/abs/2001.00281">Cai et al. 2020</a>,
 *     ZeroQ, section 3.2, by this one
 */
final class BitAllocation {
  /** Samples that tell the sensitivity of a tensor. */
  private static final int SAMPLES = 128;

  private static final int STEPS_PER_BIT = 4;

  private final Model model;
  private final List<Weight> weights;
  private final Scheme scheme;
  private final BitBudget budget;
  private final Context context;
  private final List<List<Choice>> items = new ArrayList<>();

  BitAllocation(
      Model model, List<Weight> weights, Scheme scheme, BitBudget budget, Context context) {
    this.model = model;
    this.weights = weights;
    this.scheme = scheme;
    this.budget = budget;
    this.context = context;
  }

  /** What {@link #choose} needs beyond what all calibration does; for the user. */
  static List<String> problems(BitBudget budget, Scheme scheme, Context context) {
    List<String> problems = new ArrayList<>();
    for (int bits : budget.candidates()) {
      if (bits < scheme.fewestBits() || bits > scheme.mostBits()) {
        problems.add(
            "scheme '%s' takes %d to %d bits, not %d"
                .formatted(scheme.name(), scheme.fewestBits(), scheme.mostBits(), bits));
      }
    }
    boolean drop = budget.limit() instanceof BitBudget.Limit.Drop;
    if (drop
        && context
            .data()
            .filter(d -> !d.validation().isEmpty() && d.validation().hasLabels())
            .isEmpty()) {
      problems.add("a limit on the drop of accuracy needs data with labels to validate on");
    }
    if (budget.limit() instanceof BitBudget.Limit.MeanBits(double mean)
        && mean < budget.candidates().getFirst()) {
      problems.add(
          "mean bits %s is below the fewest that a tensor may have, %d"
              .formatted(mean, budget.candidates().getFirst()));
    }
    return problems;
  }

  /** The bits of each tensor. Adds what was found on the way to {@code details}. */
  Map<String, Integer> choose(Map<String, Object> details) throws IOException {
    details.put("sensitivity", scan());
    Map<String, Integer> chosen =
        switch (budget.limit()) {
          case BitBudget.Limit.MeanBits(double mean) -> within((long) Math.floor(mean * weights()));
          case BitBudget.Limit.WeightBytes(long bytes) -> within(bytes * Byte.SIZE);
          case BitBudget.Limit.Drop(double most) -> dropping(most);
        };
    long bits = 0;
    for (Weight w : weights) {
      bits += chosen.getOrDefault(w.name(), 0) * w.param().size();
    }
    details.put("mean_bits", bits / (double) Math.max(1, weights()));
    return chosen;
  }

  private long weights() {
    return weights.stream().mapToLong(w -> w.param().size()).sum();
  }

  private List<Map<String, Object>> scan() throws IOException {
    DataSplit data = context.data().orElseThrow();
    DataSet some = data.train().subset(0, Math.min(SAMPLES, data.train().size()));
    Answers expected = Answers.of(model, some, context);
    List<Map<String, Object>> lines = new ArrayList<>();
    long total = (long) weights.size() * budget.candidates().size();
    try (Progress.Task task = context.progress().start("sensitivity", total)) {
      for (Weight weight : weights) {
        List<Choice> choices = new ArrayList<>();
        for (int bits : budget.candidates()) {
          Model one = rounded(Map.of(weight.name(), bits));
          double divergence = expected.divergence(Answers.of(one, some, context));
          choices.add(new Choice(bits * weight.param().size(), divergence));
          Map<String, Object> line = new LinkedHashMap<>();
          line.put("name", weight.name());
          line.put("bits", bits);
          line.put("kl", divergence);
          lines.add(line);
          task.advance(1);
        }
        items.add(choices);
      }
    }
    return lines;
  }

  /** With some tensors rounded to so many bits. */
  private Model rounded(Map<String, Integer> bits) {
    List<Param> changed = new ArrayList<>();
    long opset = 1;
    for (Weight w : weights) {
      Integer to = bits.get(w.name());
      if (to != null) {
        Param p = w.param().with(scheme.quantize(Layer.of(w), to, context.seed()));
        opset = Math.max(opset, Opsets.neededFor(p.values()));
        changed.add(p);
      }
    }
    return Opsets.raised(model.with(changed), opset);
  }

  private Map<String, Integer> within(long capacityBits) {
    Optional<int[]> found = Knapsack.choose(items, capacityBits);
    if (found.isEmpty()) {
      throw new IllegalArgumentException(
          "%d bytes are too few: with %d bits each, the weights take %d"
              .formatted(
                  capacityBits / Byte.SIZE,
                  budget.candidates().getFirst(),
                  Math.ceilDiv(weights() * budget.candidates().getFirst(), (long) Byte.SIZE)));
    }
    Map<String, Integer> bits = new LinkedHashMap<>();
    for (int i = 0; i < weights.size(); i++) {
      bits.put(weights.get(i).name(), budget.candidates().get(found.get()[i]));
    }
    return bits;
  }

  private Map<String, Integer> dropping(double most) throws IOException {
    DataSet validation = context.data().orElseThrow().validation();
    double wanted = accuracy(model, validation) - most;
    int low = budget.candidates().getFirst() * STEPS_PER_BIT;
    int high = budget.candidates().getLast() * STEPS_PER_BIT;
    // By halves: accuracy grows with bits, near enough.
    while (low < high) {
      int middle = (low + high) / 2;
      Map<String, Integer> tried = within(middle * weights() / STEPS_PER_BIT);
      if (accuracy(rounded(tried), validation) >= wanted) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return within(high * weights() / STEPS_PER_BIT);
  }

  private double accuracy(Model of, DataSet samples) throws IOException {
    return Answers.of(of, samples, context).accuracy(samples);
  }
}
