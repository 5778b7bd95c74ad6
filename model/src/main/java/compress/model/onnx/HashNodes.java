package compress.model.onnx;

import compress.model.Attribute;
import compress.model.Hashed;
import compress.model.Node;
import compress.model.Shape;
import compress.model.Tensor;
import compress.model.XxHash32;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * {@link Hashed} values as nodes that compute the hash of every place, so that a file holds buckets
 * and no indices. ONNX Runtime computes them once, when it loads the file.
 *
 * <p>The integers have 64 bits, and no product overflows: a prime above 2^31 is taken as a negative
 * number, which is the same modulo 2^32, and {@code BitwiseAnd} takes the low 32 bits.
 */
final class HashNodes {
  private static final long LOW_32_BITS = 0xffff_ffffL;

  /** What the hash of one place is made of. Each step reads the one before, and maybe others. */
  private sealed interface Operand {
    /** The result of an earlier step, counted from 0. */
    record Step(int number) implements Operand {}

    record Constant(long value) implements Operand {}

    /** Differs from param to param. */
    record Open(What what) implements Operand {}
  }

  private enum What {
    /** The state of the hash that the seed gives. */
    START,
    /** How many entries there are. */
    SIZE,
    /** Twice the number of buckets. */
    VALUES
  }

  private record Step(String op, Operand first, Operand second) {}

  private static final List<Step> STEPS = steps();

  private HashNodes() {}

  private static List<Step> steps() {
    List<Step> s = new ArrayList<>();
    s.add(new Step("Range", new Operand.Constant(0), new Operand.Open(What.SIZE)));
    then(s, "Mul", new Operand.Constant(Integer.toUnsignedLong(XxHash32.PRIME_3)));
    then(s, "Add", new Operand.Open(What.START));
    then(s, "BitwiseAnd", new Operand.Constant(LOW_32_BITS));
    Operand state = last(s);
    then(s, "Div", new Operand.Constant(1 << 15));
    Operand wrapped = last(s);
    s.add(new Step("Mul", state, new Operand.Constant(1 << 17)));
    then(s, "Add", wrapped);
    then(s, "BitwiseAnd", new Operand.Constant(LOW_32_BITS));
    then(s, "Mul", new Operand.Constant(XxHash32.PRIME_4));
    then(s, "BitwiseAnd", new Operand.Constant(LOW_32_BITS));
    folded(s, 15);
    then(s, "Mul", new Operand.Constant(XxHash32.PRIME_2));
    then(s, "BitwiseAnd", new Operand.Constant(LOW_32_BITS));
    folded(s, 13);
    then(s, "Mul", new Operand.Constant(XxHash32.PRIME_3));
    then(s, "BitwiseAnd", new Operand.Constant(LOW_32_BITS));
    folded(s, 16);
    then(s, "Mod", new Operand.Open(What.VALUES));
    return List.copyOf(s);
  }

  private static void then(List<Step> steps, String op, Operand second) {
    steps.add(new Step(op, last(steps), second));
  }

  private static Operand last(List<Step> steps) {
    return new Operand.Step(steps.size() - 1);
  }

  /** {@code h ^ h >>> bits}. */
  private static void folded(List<Step> steps, int bits) {
    Operand whole = last(steps);
    then(steps, "Div", new Operand.Constant(1L << bits));
    then(steps, "BitwiseXor", whole);
  }

  /**
   * Adds the nodes that make {@code output}, a vector of all entries.
   *
   * @param buckets the name of the buckets as nodes see them
   * @param unique finds a name that is free
   */
  static void add(
      Hashed hashed,
      String param,
      String buckets,
      String output,
      UnaryOperator<String> unique,
      Map<String, Tensor> initializers,
      List<Node> nodes) {
    Map<Long, String> numbers = new HashMap<>();
    Function<Long, String> number =
        value ->
            numbers.computeIfAbsent(
                value,
                v -> {
                  String name = unique.apply(param + ".hash." + v);
                  initializers.put(name, Tensor.ofLongs(Shape.of(), v));
                  return name;
                });
    List<String> results = new ArrayList<>();
    for (Step step : STEPS) {
      List<String> inputs = new ArrayList<>();
      for (Operand operand : List.of(step.first, step.second)) {
        inputs.add(
            switch (operand) {
              case Operand.Step(int i) -> results.get(i);
              case Operand.Constant(long v) -> number.apply(v);
              case Operand.Open(What what) -> number.apply(value(hashed, what));
            });
      }
      if (step.op.equals("Range")) {
        inputs.add(number.apply(1L));
      }
      String result = unique.apply(param + ".hash");
      nodes.add(Node.of(step.op, inputs, List.of(result), Map.of()));
      results.add(result);
    }
    String negative = unique.apply(param + ".buckets.negative");
    String table = unique.apply(param + ".buckets.signed");
    Map<String, Attribute> firstAxis = Map.of("axis", new Attribute.IntValue(0));
    nodes.add(Node.of("Neg", List.of(buckets), List.of(negative), Map.of()));
    nodes.add(Node.of("Concat", List.of(buckets, negative), List.of(table), firstAxis));
    nodes.add(Node.of("Gather", List.of(table, results.getLast()), List.of(output), firstAxis));
  }

  private static long value(Hashed hashed, What what) {
    return switch (what) {
      case START -> Integer.toUnsignedLong(XxHash32.start(hashed.seed()));
      case SIZE -> hashed.shape().size();
      case VALUES -> 2 * hashed.buckets().size();
    };
  }

  /**
   * What such nodes say.
   *
   * @param buckets the name of the vector that is shared
   * @param unfolding the nodes, the last of which makes the vector of all entries
   * @param numbers the names of the integers that they read, one for each time
   */
  record Found(
      String buckets,
      int seed,
      long size,
      long values,
      List<Node> unfolding,
      List<String> numbers) {}

  /** What makes a value, by its name, and integers by theirs. */
  static final class Matcher {
    private final Function<String, Optional<Node>> maker;
    private final Function<String, OptionalLong> number;
    private final List<Node> nodes = new ArrayList<>();
    private final List<String> numbers = new ArrayList<>();
    private final Map<What, Long> open = new HashMap<>();

    /**
     * @param maker the node that makes a value
     * @param number the integer that a param without axes holds
     */
    Matcher(Function<String, Optional<Node>> maker, Function<String, OptionalLong> number) {
      this.maker = maker;
      this.number = number;
    }

    /** Whether {@code gather} is the last of the nodes that {@link #add} makes. */
    Optional<Found> match(Node gather) {
      Optional<Node> table = maker.apply(gather.input(0)).filter(n -> n.is("Concat"));
      if (table.isEmpty()
          || gather.intAttribute("axis", 0) != 0
          || table.get().inputs().size() != 2
          || table.get().intAttribute("axis", -1) != 0) {
        return Optional.empty();
      }
      String buckets = table.get().input(0);
      Optional<Node> negative = maker.apply(table.get().input(1)).filter(n -> n.is("Neg"));
      if (negative.isEmpty()
          || !negative.get().input(0).equals(buckets)
          || !matches(STEPS.size() - 1, gather.input(1))) {
        return Optional.empty();
      }
      nodes.addAll(List.of(negative.get(), table.get(), gather));
      int start = (int) (long) open.getOrDefault(What.START, 0L);
      return Optional.of(
          new Found(
              buckets,
              start - XxHash32.start(0),
              open.getOrDefault(What.SIZE, 0L),
              open.getOrDefault(What.VALUES, 0L),
              List.copyOf(nodes),
              List.copyOf(numbers)));
    }

    private boolean matches(int step, String value) {
      Optional<Node> made = maker.apply(value).filter(n -> n.is(STEPS.get(step).op));
      if (made.isEmpty()) {
        return false;
      }
      Node node = made.get();
      boolean range = node.is("Range");
      if (node.inputs().size() != (range ? 3 : 2) || !node.attributes().isEmpty()) {
        return false;
      }
      if (nodes.contains(node)) {
        return true;
      }
      boolean same =
          matches(STEPS.get(step).first, node.input(0))
              && matches(STEPS.get(step).second, node.input(1))
              && (!range || matches(new Operand.Constant(1), node.input(2)));
      if (same) {
        nodes.add(node);
      }
      return same;
    }

    private boolean matches(Operand operand, String value) {
      if (operand instanceof Operand.Step(int i)) {
        return matches(i, value);
      }
      OptionalLong n = number.apply(value);
      if (n.isEmpty()) {
        return false;
      }
      numbers.add(value);
      return switch (operand) {
        case Operand.Constant(long v) -> n.getAsLong() == v;
        case Operand.Open(What what) -> {
          Long before = open.put(what, n.getAsLong());
          yield before == null || before == n.getAsLong();
        }
        case Operand.Step _ -> false;
      };
    }
  }
}
