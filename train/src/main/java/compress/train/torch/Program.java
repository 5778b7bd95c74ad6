package compress.train.torch;

import compress.model.Graph;
import compress.model.Model;
import compress.model.Node;
import compress.model.Param;
import compress.model.ValueInfo;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * A graph as a list of calls to libtorch, in the graph's order, without nodes that nothing needs.
 */
final class Program {
  private record Step(Node node, Op op, List<String> lastUses) {}

  private final List<Step> steps = new ArrayList<>();
  private final long opset;
  private final List<String> outputs;

  /**
   * @param outputs the values to compute
   * @throws IllegalArgumentException if {@link #refusals} has something to say
   */
  Program(Model model, List<String> outputs) {
    List<String> refusals = refusals(model);
    if (!refusals.isEmpty()) {
      throw new IllegalArgumentException(String.join("\n", refusals));
    }
    this.opset = model.opset();
    this.outputs = outputs;
    List<Node> nodes = needed(model.graph().orElseThrow(), outputs);
    Map<String, Integer> lastUse = new HashMap<>();
    for (int i = 0; i < nodes.size(); i++) {
      for (String value : nodes.get(i).inputs()) {
        lastUse.put(value, i);
      }
    }
    for (int i = 0; i < nodes.size(); i++) {
      int step = i;
      List<String> last =
          nodes.get(i).inputs().stream()
              .distinct()
              .filter(v -> lastUse.getOrDefault(v, -1) == step && !outputs.contains(v))
              .filter(v -> !model.params().containsKey(v))
              .toList();
      steps.add(new Step(nodes.get(i), Ops.of(nodes.get(i)), last));
    }
  }

  /**
   * Why the model cannot be run here: one line for each node, input or param that stands in the
   * way.
   */
  static List<String> refusals(Model model) {
    if (model.graph().isEmpty()) {
      return List.of("the model has weights only and no graph, so it cannot be run");
    }
    List<String> refusals = new ArrayList<>();
    for (Node node : model.graph().get().nodes()) {
      Ops.objection(node).ifPresent(why -> refusals.add(node.label() + ": " + why));
    }
    for (ValueInfo input : model.graph().get().inputs()) {
      if (input.type().flatMap(Libtorch::type).isEmpty()) {
        refusals.add("input " + input.name() + ": its type cannot be computed with");
      }
    }
    for (Param param : model.params().values()) {
      if (Libtorch.type(param.type()).isEmpty()) {
        refusals.add(param.name() + ": type " + param.type() + " cannot be computed with");
      }
    }
    return refusals;
  }

  private static List<Node> needed(Graph graph, List<String> outputs) {
    Map<String, Node> makers = new HashMap<>();
    for (Node node : graph.nodes()) {
      node.outputs().forEach(output -> makers.put(output, node));
    }
    Set<Node> needed = Collections.newSetFromMap(new IdentityHashMap<>());
    ArrayDeque<String> wanted = new ArrayDeque<>(outputs);
    while (!wanted.isEmpty()) {
      Node maker = makers.get(wanted.pop());
      if (maker != null && needed.add(maker)) {
        wanted.addAll(maker.inputs());
      }
    }
    return graph.nodes().stream().filter(needed::contains).toList();
  }

  /**
   * Runs all steps. Values live in the caller's scope of native memory.
   *
   * @param inputs by name
   * @param params a param's tensor by name
   * @param frugal frees each value after its last use; not while gradients are wanted
   * @return the outputs, in the order of the constructor's
   */
  List<Tensor> run(
      Map<String, Tensor> inputs, Map<String, Tensor> params, Mode mode, boolean frugal) {
    Map<String, Tensor> values = new HashMap<>(inputs);
    Function<String, @Nullable Tensor> lookUp =
        name -> {
          Tensor value = values.get(name);
          return value != null ? value : params.get(name);
        };
    for (Step step : steps) {
      Node node = step.node();
      List<@Nullable Tensor> given = new ArrayList<>();
      for (String input : node.inputs()) {
        given.add(input.isEmpty() ? null : lookUp.apply(input));
      }
      drop(node, given, mode);
      List<Tensor> results = run(step, given, mode);
      for (int i = 0; i < node.outputs().size(); i++) {
        if (!node.outputs().get(i).isEmpty() && i < results.size()) {
          Tensor result = results.get(i);
          // An operator may hand its input through; each value is freed on its own.
          boolean handedThrough = given.contains(result);
          values.put(node.outputs().get(i), handedThrough ? torch.alias(result) : result);
        }
      }
      if (frugal) {
        free(step, inputs, values);
      }
    }
    return outputs.stream()
        .map(name -> {
          Tensor value = lookUp.apply(name);
          if (value == null) {
            throw new IllegalArgumentException("nothing computes output '" + name + "'");
          }
          return value;
        })
        .toList();
  }

  private List<Tensor> run(Step step, List<@Nullable Tensor> given, Mode mode) {
    try {
      return step.op().run(new Call(step.node(), opset, given, mode));
    } catch (RuntimeException e) {
      // libtorch's own words go on with a native stack after the first line.
      String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      String shapes =
          given.stream()
              .map(t -> t == null ? "-" : Arrays.toString(Libtorch.sizes(t)))
              .toList()
              .toString();
      throw new IllegalArgumentException(
          "%s: %s; inputs %s".formatted(step.node().label(), reason, shapes), e);
    }
  }

  /** Drops inputs of the layers whose weights the mode names. */
  private static void drop(Node node, List<@Nullable Tensor> given, Mode mode) {
    if (mode.dropout().isEmpty() || node.inputs().size() < 2) {
      return;
    }
    Double share = mode.dropout().get(node.input(1));
    Tensor x = given.getFirst();
    if (share != null && x != null) {
      given.set(0, torch.dropout(x, share, true));
    }
  }

  private static void free(Step step, Map<String, Tensor> inputs, Map<String, Tensor> values) {
    for (String name : step.lastUses()) {
      Tensor value = inputs.containsKey(name) ? null : values.remove(name);
      if (value != null) {
        value.close();
      }
    }
  }
}
