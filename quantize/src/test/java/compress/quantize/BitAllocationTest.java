package compress.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import compress.model.Model;
import compress.model.Weight;
import compress.model.Weights;
import compress.quantize.BitBudget.Limit;
import compress.train.Change;
import compress.train.Context;
import compress.train.Outcome;
import compress.train.data.DataSplit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class BitAllocationTest {
  private static final long SEED = 2;
  private static final DataSplit DATA = Convolutional.data(SEED);
  private static final Context CONTEXT = Context.of(SEED).withData(DATA);
  private static final Model MODEL = BatchNormFolding.of(Convolutional.network(SEED)).model();

  private static QuantizeOptions options(Limit limit, Integer... candidates) {
    return QuantizeOptions.defaults()
        .withScheme(Linear.defaults())
        .withBudget(new BitBudget(List.of(candidates), limit));
  }

  private static double meanBits(Outcome outcome) {
    return (double) Objects.requireNonNull(outcome.details().get("mean_bits"));
  }

  private static long bits(Outcome outcome) {
    return outcome.changed().stream().mapToLong(c -> c.bits() * c.weights()).sum();
  }

  @Test
  void keepsTheMeanAndSpendsWhereAnswersChangeMost() throws Exception {
    Outcome outcome =
        new QuantizeStage(options(new Limit.MeanBits(4), 2, 3, 4, 6, 8)).run(MODEL, CONTEXT);
    long weights = outcome.changed().stream().mapToLong(Change::weights).sum();
    assertThat(bits(outcome)).isLessThanOrEqualTo(4 * weights);
    assertThat(meanBits(outcome)).isBetween(3.0, 4.0);
    // The sum of divergences is at most that of 4 bits for all, which is one of the choices.
    Map<String, Map<Integer, Double>> kl = new HashMap<>();
    for (Object line : (List<?>) Objects.requireNonNull(outcome.details().get("sensitivity"))) {
      Map<?, ?> facts = (Map<?, ?>) line;
      kl.computeIfAbsent(String.valueOf(facts.get("name")), n -> new HashMap<>())
          .put((Integer) facts.get("bits"), (Double) facts.get("kl"));
    }
    double chosen = 0;
    double uniform = 0;
    for (Change c : outcome.changed()) {
      Map<Integer, Double> of = kl.getOrDefault(c.name(), Map.of());
      chosen += of.getOrDefault(c.bits(), Double.NaN);
      uniform += of.getOrDefault(4, Double.NaN);
    }
    assertThat(chosen).isLessThanOrEqualTo(uniform);
    assertThat(outcome.changed().stream().map(Change::bits).distinct().count()).isGreaterThan(1);
  }

  @Test
  void keepsBytesAndRulesByName() throws Exception {
    long weights =
        Weights.of(MODEL).stream()
            .filter(w -> w.role().isWeight())
            .map(Weight::param)
            .mapToLong(p -> p.size())
            .sum();
    QuantizeOptions some =
        options(new Limit.WeightBytes(weights * 3 / 8), 2, 4, 8)
            .withBits(
                compress.model.ByName.of(8, new java.util.LinkedHashMap<>(Map.of("fc.weight", 8))));
    Outcome outcome = new QuantizeStage(some).run(MODEL, CONTEXT);
    for (Change c : outcome.changed()) {
      if (c.name().equals("fc.weight")) {
        assertThat(c.bits()).isEqualTo(8);
      }
    }
    long others =
        outcome.changed().stream()
            .filter(c -> !c.name().equals("fc.weight"))
            .mapToLong(c -> c.bits() * c.weights())
            .sum();
    assertThat(others).isLessThanOrEqualTo(weights * 3 / 8 * 8);
  }

  @Test
  void dropsNoFurtherThanWasSaid() throws Exception {
    Outcome none = new QuantizeStage(options(new Limit.Drop(0), 2, 4, 8)).run(MODEL, CONTEXT);
    Outcome any = new QuantizeStage(options(new Limit.Drop(0.99), 2, 4, 8)).run(MODEL, CONTEXT);
    assertThat(bits(any)).isLessThanOrEqualTo(bits(none));
    assertThat(meanBits(any)).isEqualTo(2);
  }

  @Test
  void whatCannotBeKeptIsRefused() {
    assertThat(new QuantizeStage(options(new Limit.MeanBits(1), 2, 4)).check(MODEL, CONTEXT))
        .anyMatch(p -> p.contains("below the fewest"));
    assertThat(new QuantizeStage(options(new Limit.MeanBits(4), 1, 4)).check(MODEL, CONTEXT))
        .anyMatch(p -> p.contains("takes 2 to 8 bits, not 1"));
    assertThat(
            new QuantizeStage(options(new Limit.MeanBits(4), 2, 4)).check(MODEL, Context.of(SEED)))
        .anyMatch(p -> p.contains("give --data"));
    assertThatThrownBy(
            () -> new QuantizeStage(options(new Limit.WeightBytes(10), 2, 4)).run(MODEL, CONTEXT))
        .hasMessageContaining("10 bytes are too few");
    assertThatThrownBy(() -> new Limit.MeanBits(0)).hasMessageContaining("above 0");
  }
}
