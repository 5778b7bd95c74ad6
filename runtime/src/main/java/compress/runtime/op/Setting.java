package compress.runtime.op;

import compress.model.Node;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What a node is planned in: what was planned before it, and what is shared between plans. */
public interface Setting {
  /** A copy of a value with these strides that an earlier step makes. */
  Optional<Value> kept(Value value, long[] strides);

  /** Later steps may use {@code copy}, which has the numbers of {@code value}. */
  void keep(Value value, Value copy);

  /** Whether weights are multiplied as if none were zero. */
  boolean isDense();

  /**
   * Packed weights, once for all plans.
   *
   * @param source where the numbers come from
   * @param role which part of them, and how they are turned
   */
  Weights weights(Value source, String role, Supplier<Weights> pack);

  /**
   * Runs the sub-graph that a node has as an attribute, at once.
   *
   * @param inputs for the sub-graph's inputs, in its order; all known
   * @return its outputs, all known
   */
  List<Value> run(Node node, String attribute, List<@Nullable Value> inputs);
}
