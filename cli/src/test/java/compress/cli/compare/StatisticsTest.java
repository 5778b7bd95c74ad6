package compress.cli.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class StatisticsTest {
  @Test
  void intervalOverSeedsIsStudents() {
    // Three values around 0.5, standard deviation 0.1: t of two degrees is 4.302653.
    Interval i = Interval.of(new double[] {0.4, 0.5, 0.6}, 100, false);
    assertThat(i.mean()).isCloseTo(0.5, within(1e-12));
    assertThat(i.high() - i.mean()).isCloseTo(4.302653 * 0.1 / Math.sqrt(3), within(1e-6));
    assertThat(i.mean() - i.low()).isCloseTo(i.high() - i.mean(), within(1e-12));
    assertThat(i.over()).isEqualTo("seeds");
  }

  @Test
  void sharesStayShares() {
    Interval i = Interval.of(new double[] {0.9, 1.0}, 100, true);
    assertThat(i.high()).isEqualTo(1);
    assertThat(i.low()).isBetween(0.0, 0.9);
  }

  @Test
  void oneTrialHasTheIntervalOfItsSamples() {
    // Wilson's interval for 81 of 263: 0.2553 to 0.3662 (Newcombe 1998, table I).
    Interval i = Interval.of(new double[] {81 / 263.0}, 263, true);
    assertThat(i.low()).isCloseTo(0.2553, within(5e-5));
    assertThat(i.high()).isCloseTo(0.3662, within(5e-5));
    assertThat(i.over()).isEqualTo("samples");
    assertThat(Interval.of(new double[] {0.7, 0.7}, 10, true).over()).isEqualTo("samples");
    assertThat(Interval.of(new double[] {0.7}, 10, false).over()).isEqualTo("none");
  }

  /** With one seed and right or wrong, t squared is McNemar's statistic but for the variance. */
  @Test
  void agreesWithMcNemar() {
    long seed = 7;
    SplittableRandom random = new SplittableRandom(seed);
    int n = 20_000;
    double[] a = new double[n];
    double[] b = new double[n];
    int onlyA = 0;
    int onlyB = 0;
    for (int i = 0; i < n; i++) {
      a[i] = random.nextDouble() < 0.91 ? 1 : 0;
      b[i] = random.nextDouble() < 0.905 ? 1 : 0;
      onlyA += a[i] > b[i] ? 1 : 0;
      onlyB += b[i] > a[i] ? 1 : 0;
    }
    PairedTest test = test(new double[][] {a}, new double[][] {b});
    double z = (onlyA - onlyB) / Math.sqrt(onlyA + onlyB);
    // Two-sided, of a normal distribution: Abramowitz and Stegun, 26.2.17 inverted by series.
    assertThat(test.pSamples()).as("seed %d", seed).isCloseTo(twoSided(Math.abs(z)), within(2e-3));
    assertThat(test.difference()).isCloseTo((onlyA - onlyB) / (double) n, within(1e-12));
    assertThat(test.pSeeds()).isNull();
  }

  /** By Simpson's rule, which knows nothing of the library's distributions. */
  private static double twoSided(double z) {
    int steps = 2000;
    double h = (12 - z) / steps;
    double sum = 0;
    for (int i = 0; i <= steps; i++) {
      double x = z + i * h;
      double weight = i == 0 || i == steps ? 1 : i % 2 == 1 ? 4 : 2;
      sum += weight * Math.exp(-x * x / 2);
    }
    return 2 * sum * h / 3 / Math.sqrt(2 * Math.PI);
  }

  private static PairedTest test(double[][] a, double[][] b) {
    return PairedTest.of(
        new PairedTest.Scores("a", a), new PairedTest.Scores("b", b), 0.5, "float");
  }

  @Test
  void equalAnswersDifferInNothing() {
    double[][] same = {{1, 0, 1}, {1, 1, 1}};
    PairedTest test = test(same, same);
    assertThat(test.pSamples()).isEqualTo(1);
    assertThat(test.pSeeds()).isEqualTo(1);
    assertThat(test.better()).isNull();
  }

  @Test
  void everySeedMustAgree() {
    double[] good = new double[400];
    double[] bad = new double[400];
    for (int i = 0; i < 400; i++) {
      good[i] = i % 20 == 0 ? 0 : 1;
      bad[i] = i % 2;
    }
    PairedTest agreed = test(new double[][] {good, good}, new double[][] {bad, bad});
    assertThat(PairedTest.corrected(List.of(agreed)).getFirst().better()).isEqualTo("a");
    PairedTest apart = test(new double[][] {good, bad}, new double[][] {bad, good});
    assertThat(apart.better()).isNull();
    PairedTest mixed = test(new double[][] {good, good, bad}, new double[][] {bad, bad, good});
    assertThat(mixed.pSamples()).isLessThan(0.001);
    assertThat(PairedTest.corrected(List.of(mixed)).getFirst().better()).isNull();
  }

  @Test
  void holmsCorrectionByHand() {
    // 0.01, 0.04, 0.03, 0.005: times 3, 1, 2, 4 in order of size, never falling.
    List<PairedTest> tests = new ArrayList<>();
    for (double p : new double[] {0.01, 0.04, 0.03, 0.005}) {
      tests.add(new PairedTest("a", "b", 0.5, "float", 0.1, 1, p, p, null, "a"));
    }
    List<PairedTest> corrected = PairedTest.corrected(tests);
    double[] expected = {0.03, 0.06, 0.06, 0.02};
    for (int i = 0; i < expected.length; i++) {
      assertThat(corrected.get(i).pAdjusted()).isCloseTo(expected[i], within(1e-12));
      assertThat(corrected.get(i).better()).isEqualTo(expected[i] < 0.05 ? "a" : null);
    }
  }

  /** Against the definition, pair by pair. */
  @Test
  void frontsAreWhatNoOtherBeats() {
    long seed = 11;
    SplittableRandom random = new SplittableRandom(seed);
    List<Configuration> all = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      all.add(configuration(i, random.nextInt(8) / 8.0, random.nextInt(6), random.nextInt(5)));
    }
    for (Configuration c : Configuration.marked(all)) {
      boolean beatenInBytes = false;
      boolean beatenInTime = false;
      for (Configuration o : all) {
        boolean better = o.value() > c.value();
        boolean asGood = o.value() >= c.value();
        beatenInBytes |= asGood && o.bytes() <= c.bytes() && (better || o.bytes() < c.bytes());
        if (o.speedup() != null && c.speedup() != null) {
          beatenInTime |=
              asGood && o.speedup() >= c.speedup() && (better || o.speedup() > c.speedup());
        }
      }
      assertThat(c.paretoBytes()).as("%s, seed %d", c, seed).isEqualTo(!beatenInBytes);
      assertThat(c.paretoTime())
          .as("%s, seed %d", c, seed)
          .isEqualTo(c.speedup() != null && !beatenInTime);
    }
  }

  private static Configuration configuration(int i, double value, long bytes, int speed) {
    return new Configuration(
        "c" + i,
        "unstructured",
        0.5,
        32,
        "float",
        1,
        value,
        value,
        value,
        "none",
        1 - value,
        null,
        0,
        0,
        0,
        0.5,
        bytes,
        1,
        List.of(),
        speed == 0 ? null : (double) speed,
        false,
        false);
  }
}
