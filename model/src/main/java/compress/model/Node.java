package compress.model;

import java.util.List;
import java.util.Map;

/**
 * One operation of a graph.
 *
 * @param name may be empty; {@link #label} is then its first output
 * @param op the operator, {@code Conv} say
 * @param domain empty for the operators of ONNX itself
 * @param inputs names of values; empty where an optional input is left out
 * @param outputs names of values; empty where an optional output is not wanted
 * @param attributes by name, in the order of the file
 * @param carried what the file says of the node beyond this, as the bytes of its message
 */
public record Node(
    String name,
    String op,
    String domain,
    List<String> inputs,
    List<String> outputs,
    Map<String, Attribute> attributes,
    byte[] carried) {
  private static final byte[] NOTHING = {};

  /** A node of ONNX's own domain, named after its first output. */
  public static Node of(
      String op, List<String> inputs, List<String> outputs, Map<String, Attribute> attributes) {
    return new Node(outputs.getFirst(), op, "", inputs, outputs, attributes, NOTHING);
  }

  /** What to call the node in a message: {@code conv1/Conv}. */
  public String label() {
    String named = !name.isEmpty() ? name : outputs.isEmpty() ? "?" : outputs.getFirst();
    return named + "/" + (domain.isEmpty() || domain.equals("ai.onnx") ? op : domain + "." + op);
  }

  /** Whether the node is ONNX's own operator {@code op}, not one of the same name elsewhere. */
  public boolean is(String onnxOp) {
    return op.equals(onnxOp) && (domain.isEmpty() || domain.equals("ai.onnx"));
  }

  /** Input {@code i}, or the empty string if it is left out. */
  public String input(int i) {
    return i < inputs.size() ? inputs.get(i) : "";
  }

  /** An integer attribute, or {@code otherwise} if it is left out. */
  public long intAttribute(String attribute, long otherwise) {
    return attributes.get(attribute) instanceof Attribute.IntValue v ? v.value() : otherwise;
  }

  /** A float attribute, or {@code otherwise} if it is left out. */
  public float floatAttribute(String attribute, float otherwise) {
    return attributes.get(attribute) instanceof Attribute.FloatValue v ? v.value() : otherwise;
  }

  /** A string attribute, or {@code otherwise} if it is left out. */
  public String textAttribute(String attribute, String otherwise) {
    return attributes.get(attribute) instanceof Attribute.Text v ? v.value() : otherwise;
  }

  /** A list of integers, or an empty one if it is left out. */
  public List<Long> intsAttribute(String attribute) {
    return attributes.get(attribute) instanceof Attribute.Ints v ? v.values() : List.of();
  }
}
