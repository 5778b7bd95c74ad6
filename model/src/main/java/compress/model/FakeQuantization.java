package compress.model;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Nodes that only training has: they round to integers times a scale, or to signs times a
 * magnitude, and go on with floats. The gradient passes through them, and scales learn. No file may
 * hold them.
 */
public final class FakeQuantization {
  /** The domain of operators that only training has. */
  public static final String DOMAIN = "compress.training";

  public static final String OP = "FakeQuantize";

  public static final String SIGNS = "FakeSigns";

  /** All of them. */
  public static final Set<String> OPS = Set.of(OP, SIGNS);

  private FakeQuantization() {}

  /**
   * Rounds {@code input} to the integers from {@code low} to {@code high} times {@code scale}.
   *
   * @param scale the name of a param with one number, or with one for each index along {@code axis}
   * @param activation whether the first axis counts samples
   */
  public static Node node(
      String input,
      String scale,
      String output,
      long low,
      long high,
      int axis,
      boolean activation) {
    Map<String, Attribute> attributes = new LinkedHashMap<>();
    attributes.put("low", new Attribute.IntValue(low));
    attributes.put("high", new Attribute.IntValue(high));
    attributes.put("axis", new Attribute.IntValue(axis));
    attributes.put("activation", new Attribute.IntValue(activation ? 1 : 0));
    return new Node(
        output, OP, DOMAIN, List.of(input, scale), List.of(output), attributes, new byte[0]);
  }

  /**
   * Makes each number of {@code input} its sign times the mean magnitude of those with the same
   * index along {@code axis}.
   *
   * @param threshold numbers of at most so many times the mean magnitude become 0, and do not count
   *     in it; 0 for signs alone
   * @param axis -1 if all numbers have one magnitude
   */
  public static Node signs(String input, String output, double threshold, int axis) {
    Map<String, Attribute> attributes = new LinkedHashMap<>();
    attributes.put("threshold", new Attribute.FloatValue((float) threshold));
    attributes.put("axis", new Attribute.IntValue(axis));
    return new Node(
        output, SIGNS, DOMAIN, List.of(input), List.of(output), attributes, new byte[0]);
  }

  /** Whether {@code node} is one of these. */
  public static boolean is(Node node) {
    return node.domain().equals(DOMAIN) && OPS.contains(node.op());
  }
}
