package compress.quantize;

import compress.model.DType;
import compress.model.Shape;
import compress.model.Values;
import java.util.Optional;

/**
 * Each weight is its sign times the mean magnitude of its group: the least squared error that one
 * magnitude can have. Pruned weights stay zero and count in no mean. Stored as integers of 4 bits,
 * the fewest that ONNX Runtime takes.
 *
 * @see <a href="https://arxiv.org/abs/1603.05279">Rastegari et al. 2016</a>, section 3.1,
 *     XNOR-Net's weights; one scale for each output there
 */
public record Binary(Grouping grouping) implements Scheme {
  @Override
  public String name() {
    return "binary";
  }

  @Override
  public int fewestBits() {
    return 1;
  }

  @Override
  public int mostBits() {
    return 1;
  }

  @Override
  public Optional<String> objection(Shape shape, DType type, int outputAxis) {
    return Scales.objection(type).or(() -> grouping.objection(shape, outputAxis));
  }

  @Override
  public Values quantize(Layer layer, int bits, long seed) {
    return Ternary.signs(layer, grouping.of(layer.shape(), layer.outputAxis()), 0);
  }
}
