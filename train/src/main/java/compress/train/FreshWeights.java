package compress.train;

import compress.model.Dense;
import compress.model.Model;
import compress.model.Node;
import compress.model.Param;
import compress.model.Shape;
import compress.model.Tensor;
import compress.model.Weight;
import compress.model.Weights;
import compress.train.data.Order;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * A network with new random weights: normal with the variance {@code 2 / inputs}, {@code inputs}
 * being the weights of one output; biases 0; batch normalizations as if they did nothing yet.
 * Everything else stays.
 *
 * @see <a href="https://arxiv.org/abs/1502.01852">He et al. 2015</a>, section 2.2
 */
public final class FreshWeights {
  private FreshWeights() {}

  /** The same seed gives the same weights. */
  public static Model of(Model model, long seed) {
    Map<String, Param> changed = new LinkedHashMap<>();
    for (Weight weight : Weights.of(model)) {
      Param param = weight.param();
      boolean plain = param.values() instanceof Dense;
      if (plain && weight.role().isWeight()) {
        changed.put(param.name(), normal(weight, Order.seed(seed, param.name().hashCode())));
      } else if (plain && weight.role() == compress.model.Role.BIAS) {
        changed.put(param.name(), filled(param, 0));
      }
    }
    model.graph().stream()
        .flatMap(g -> g.nodes().stream())
        .filter(n -> n.is("BatchNormalization"))
        .forEach(n -> normalization(model, n, changed));
    return model.with(changed.values());
  }

  private static void normalization(Model model, Node node, Map<String, Param> changed) {
    float[] starts = {1, 0, 0, 1};
    for (int i = 0; i < starts.length; i++) {
      Param param = model.params().get(node.input(i + 1));
      if (param != null) {
        changed.put(param.name(), filled(param, starts[i]));
      }
    }
  }

  private static Param filled(Param param, float value) {
    float[] values = new float[Math.toIntExact(param.size())];
    Arrays.fill(values, value);
    return param.with(new Dense(Tensor.of(param.shape(), values)));
  }

  private static Param normal(Weight weight, long seed) {
    Shape shape = weight.param().shape();
    long outputs = weight.outputAxis() < 0 ? 1 : Math.max(1, shape.dim(weight.outputAxis()));
    double deviation = Math.sqrt(2.0 * outputs / Math.max(1, shape.size()));
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[Math.toIntExact(shape.size())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (deviation * random.nextGaussian());
    }
    return weight.param().with(new Dense(Tensor.of(shape, values)));
  }
}
