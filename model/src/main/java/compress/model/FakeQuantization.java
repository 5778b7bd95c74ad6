package compress.model;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A node that only training has: it rounds to integers times a scale and goes on with floats. The
 * gradient passes through it, and the scale learns. No file may hold it.
 */
public final class FakeQuantization {
  /** The domain of operators that only training has. */
  public static final String DOMAIN = "compress.training";

  public static final String OP = "FakeQuantize";

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

  /** Whether {@code node} is one. */
  public static boolean is(Node node) {
    return node.op().equals(OP) && node.domain().equals(DOMAIN);
  }
}
