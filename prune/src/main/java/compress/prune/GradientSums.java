package compress.prune;

import compress.prune.Criterion.Evidence;
import compress.train.LiveWeights;
import compress.train.StepHook;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;

/**
 * What the steps of a training say of weights. For {@link Evidence#GRADIENT_SIZE} the mean square
 * of the gradient since the last {@link #clear}, for {@link Evidence#MOVEMENT} the sum of {@code
 * -weight * gradient} since the beginning.
 */
final class GradientSums implements StepHook {
  private final Evidence kind;
  private final SequencedMap<String, OutputsFirst> layers;
  private final Map<String, float[]> sums = new LinkedHashMap<>();
  private int steps;

  GradientSums(Evidence kind, SequencedMap<String, OutputsFirst> layers) {
    this.kind = kind;
    this.layers = layers;
    layers.forEach((name, layer) -> sums.put(name, new float[(int) layer.stored().size()]));
  }

  /** Whether a criterion's evidence comes from gradients. */
  static boolean gives(Evidence kind) {
    return kind == Evidence.GRADIENT_SIZE || kind == Evidence.MOVEMENT;
  }

  @Override
  public void beforeStep(int step, int stepsPerEpoch, LiveWeights weights) {}

  @Override
  public void afterGradients(int step, LiveWeights weights) {
    sums.forEach((name, sum) -> {
      float[] gradient = weights.gradient(name);
      if (kind == Evidence.GRADIENT_SIZE) {
        for (int i = 0; i < sum.length; i++) {
          sum[i] += gradient[i] * gradient[i];
        }
      } else {
        float[] values = weights.values(name);
        for (int i = 0; i < sum.length; i++) {
          sum[i] -= values[i] * gradient[i];
        }
      }
    });
    steps++;
  }

  boolean isEmpty() {
    return steps == 0;
  }

  /** Forgets what only the last steps are to tell. */
  void clear() {
    if (kind == Evidence.GRADIENT_SIZE) {
      sums.values().forEach(s -> Arrays.fill(s, 0));
      steps = 0;
    }
  }

  /** By layer, with outputs first. */
  Map<String, float[]> evidence() {
    Map<String, float[]> evidence = new LinkedHashMap<>();
    sums.forEach((name, sum) -> {
      float[] copy = sum.clone();
      for (int i = 0; kind == Evidence.GRADIENT_SIZE && i < copy.length; i++) {
        copy[i] = (float) Math.sqrt(copy[i] / Math.max(1, steps));
      }
      OutputsFirst layer = Objects.requireNonNull(layers.get(name));
      evidence.put(name, layer.view(copy));
    });
    return evidence;
  }

  @Override
  public byte[] state() {
    int floats = sums.values().stream().mapToInt(s -> s.length).sum();
    ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES + floats * Float.BYTES).putInt(steps);
    sums.values()
        .forEach(s -> {
          for (float v : s) {
            bytes.putFloat(v);
          }
        });
    return bytes.array();
  }

  @Override
  public void restore(byte[] state) {
    ByteBuffer bytes = ByteBuffer.wrap(state);
    steps = bytes.getInt();
    sums.values()
        .forEach(s -> {
          for (int i = 0; i < s.length; i++) {
            s[i] = bytes.getFloat();
          }
        });
  }
}
