package compress.quantize;

import compress.model.Affine;
import compress.train.SecondMoment;
import java.util.Arrays;

/**
 * Learns for each weight whether it is rounded up or down, so that the layer's answers change
 * least. A variable {@code v} for each weight says how much of a step is added to the weight
 * rounded down: {@code h(v)}, the sigmoid stretched to -0.1 to 1.1 and cut at 0 and 1. Adam
 * minimizes the squared error of the answers plus {@code sum(1 - |2 h - 1|^beta)}, which drives
 * each {@code h} to 0 or 1 as beta falls from 20 to 2; it is left out for the first fifth of the
 * steps. The error is counted in that of an average weight rounded to the nearest, so that the
 * factor between the two sums, which the paper sets for each network, is 1. An output whose error
 * did not fall keeps the nearest integers. Pruned weights stay zero.
 *
 * <p>The error is written with the second moment {@code H} of the inputs, {@code (W' - W) H (W' -
 * W)ᵀ}, whose gradient is exact and needs no samples at each step. So the activation function after
 * the layer and the error of the layers before it, which the paper has in its equation 25, are not
 * in it: it is equation 21.
 *
 * @param steps of Adam
 * @see <a href="https://arxiv.org/abs/2004.10568">Nagel et al. 2020</a>, sections 3.2 and 3.3
 */
public record AdaRound(int steps) implements Rounding {
  private static final double RATE = 0.03;
  private static final double WEIGHT_OF_REGULARIZER = 1;
  private static final double WARM_UP = 0.2;
  private static final double FIRST_BETA = 20;
  private static final double LAST_BETA = 2;

  public AdaRound {
    if (steps < 1) {
      throw new IllegalArgumentException("AdaRound takes at least 1 step, not " + steps);
    }
  }

  @Override
  public String name() {
    return "adaround";
  }

  @Override
  public int[] round(
      Layer layer, Rows rows, Affine nearest, int bits, SecondMoment moment, int groups) {
    int[] codes = new int[layer.weights().length];
    IntegerRange range = IntegerRange.of(nearest, bits);
    int outputsOfGroup = rows.outputs() / groups;
    for (int g = 0; g < groups; g++) {
      float[] h = moment.matrix(g);
      float perRow = (float) groups / Math.max(1, moment.rows());
      for (int i = 0; i < h.length; i++) {
        h[i] *= perRow;
      }
      for (int o = g * outputsOfGroup; o < (g + 1) * outputsOfGroup; o++) {
        new Output(layer, rows, o, nearest, range, h).learn(steps, codes);
      }
    }
    return codes;
  }

  /** The weights of one output: no other has a part in their error. */
  private static final class Output {
    private final Rows rows;
    private final int output;
    private final Affine nearest;
    private final float[] h;
    private final int n;
    private final float[] weight;
    private final float[] scale;
    private final float[] down;
    private final boolean[] fixed;
    private final float[] v;
    private final float[] first;
    private final float[] second;
    private final float[] difference;
    private final float[] gradient;

    /** What the error is multiplied with, so that it starts as 1 a weight. */
    private double unit;

    Output(Layer layer, Rows rows, int output, Affine nearest, IntegerRange range, float[] h) {
      this.rows = rows;
      this.output = output;
      this.nearest = nearest;
      this.h = h;
      this.n = rows.columns();
      this.weight = new float[n];
      this.scale = new float[n];
      this.down = new float[n];
      this.fixed = new boolean[n];
      this.v = new float[n];
      this.first = new float[n];
      this.second = new float[n];
      this.difference = new float[n];
      this.gradient = new float[n];
      long[] zeros = IntegerRange.zeros(nearest);
      for (int i = 0; i < n; i++) {
        int entry = rows.entry(output, i);
        int s = nearest.scaleOf(entry);
        weight[i] = layer.weights()[entry];
        scale[i] = nearest.scale().floatAt(s);
        double steps = weight[i] / (double) scale[i];
        double floor = Math.floor(steps);
        // Weights outside the range, and zeros, have one integer only.
        boolean inside = floor + zeros[s] >= range.low() && floor + 1 + zeros[s] <= range.high();
        fixed[i] = weight[i] == 0 || !inside;
        down[i] = (float) (fixed[i] ? range.code(weight[i], scale[i], zeros[s]) - zeros[s] : floor);
        double rest = Math.clamp(steps - floor, 0.001, 0.999);
        v[i] = (float) -Math.log(1.2 / (rest + 0.1) - 1);
      }
    }

    private static double stretched(double v) {
      return Math.clamp(1.2 / (1 + Math.exp(-v)) - 0.1, 0, 1);
    }

    /** The error if each weight is at the place that {@code up} adds to the one below it. */
    private double error(boolean[] up) {
      for (int i = 0; i < n; i++) {
        difference[i] = (down[i] + (up[i] ? 1 : 0)) * scale[i] - weight[i];
      }
      multiplyDifference();
      double error = 0;
      for (int i = 0; i < n; i++) {
        error += 0.5 * gradient[i] * difference[i];
      }
      return error;
    }

    private boolean[] up() {
      boolean[] up = new boolean[n];
      for (int i = 0; i < n; i++) {
        up[i] = !fixed[i] && stretched(v[i]) >= 0.5;
      }
      return up;
    }

    void learn(int steps, int[] codes) {
      boolean[] nearestUp = up();
      double start = error(nearestUp);
      unit = start > 0 ? n / start : 0;
      for (int step = 0; step < steps; step++) {
        multiply();
        double progress = (step - WARM_UP * steps) / ((1 - WARM_UP) * steps);
        double beta =
            LAST_BETA + 0.5 * (FIRST_BETA - LAST_BETA) * (1 + Math.cos(Math.PI * progress));
        for (int i = 0; i < n; i++) {
          if (!fixed[i]) {
            adam(i, step, gradientOf(i, progress < 0 ? 0 : beta));
          }
        }
      }
      boolean[] learnt = up();
      boolean[] chosen = error(learnt) < start ? learnt : nearestUp;
      long[] zeros = IntegerRange.zeros(nearest);
      for (int i = 0; i < n; i++) {
        int entry = rows.entry(output, i);
        codes[entry] = (int) (down[i] + (chosen[i] ? 1 : 0) + zeros[nearest.scaleOf(entry)]);
      }
    }

    /** {@code gradient = 2 H (w' - w)}. */
    private void multiply() {
      for (int i = 0; i < n; i++) {
        double up = fixed[i] ? 0 : stretched(v[i]);
        difference[i] = (float) ((down[i] + up) * scale[i] - weight[i]);
      }
      multiplyDifference();
    }

    private void multiplyDifference() {
      Arrays.fill(gradient, 0);
      for (int i = 0; i < n; i++) {
        addRow(gradient, h, i * n, n, 2 * difference[i]);
      }
    }

    /** Plain, so that it becomes vectors. */
    private static void addRow(float[] to, float[] from, int at, int n, float factor) {
      for (int j = 0; j < n; j++) {
        to[j] += factor * from[at + j];
      }
    }

    /** By {@code v[i]}; {@code beta} 0 leaves the regularizer out. */
    private double gradientOf(int i, double beta) {
      double sigmoid = 1 / (1 + Math.exp(-v[i]));
      double raw = 1.2 * sigmoid - 0.1;
      if (raw <= 0 || raw >= 1) {
        return 0;
      }
      double byH = unit * gradient[i] * scale[i];
      if (beta > 0) {
        double x = 2 * raw - 1;
        byH -= WEIGHT_OF_REGULARIZER * 2 * beta * Math.pow(Math.abs(x), beta - 1) * Math.signum(x);
      }
      return byH * 1.2 * sigmoid * (1 - sigmoid);
    }

    private void adam(int i, int step, double g) {
      first[i] += (float) (0.1 * (g - first[i]));
      second[i] += (float) (0.001 * (g * g - second[i]));
      double mean = first[i] / (1 - Math.pow(0.9, step + 1));
      double power = second[i] / (1 - Math.pow(0.999, step + 1));
      v[i] -= (float) (RATE * mean / (Math.sqrt(power) + 1e-8));
    }
  }
}
