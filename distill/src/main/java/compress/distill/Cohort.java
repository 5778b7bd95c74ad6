package compress.distill;

import compress.model.Graph;
import compress.model.Model;
import compress.model.Node;
import compress.model.Param;
import compress.model.ValueInfo;
import compress.train.TrainOptions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Several networks of one kind as one network: they share its inputs, and its outputs are those of
 * the first, then those of the second, and so on. Names of the first stay, those of others get a
 * prefix.
 *
 * @param members at least two, all with the graph of the first
 */
record Cohort(List<Model> members) {
  /** What the name of a value or param of member {@code i} is in the whole. */
  static String name(int i, String name) {
    return i == 0 || name.isEmpty() ? name : "peer" + (i + 1) + "/" + name;
  }

  /** All of them as one. */
  Model whole() {
    Model first = members.getFirst();
    Graph graph = first.graph().orElseThrow();
    Set<String> shared = new LinkedHashSet<>();
    graph.inputs().forEach(i -> shared.add(i.name()));
    List<Node> nodes = new ArrayList<>();
    List<ValueInfo> outputs = new ArrayList<>();
    SequencedMap<String, Param> params = new LinkedHashMap<>();
    for (int i = 0; i < members.size(); i++) {
      int member = i;
      UnaryOperator<String> named = n -> shared.contains(n) ? n : name(member, n);
      for (Node node : graph.nodes()) {
        nodes.add(
            new Node(
                named.apply(node.name()),
                node.op(),
                node.domain(),
                node.inputs().stream().map(named).toList(),
                node.outputs().stream().map(named).toList(),
                node.attributes(),
                node.carried()));
      }
      for (ValueInfo output : graph.outputs()) {
        outputs.add(
            new ValueInfo(
                named.apply(output.name()), output.type(), output.dims(), output.carried()));
      }
      for (Param param : members.get(i).params().values()) {
        String name = named.apply(param.name());
        params.put(name, new Param(name, param.type(), param.values()));
      }
    }
    Graph all = new Graph(graph.name(), nodes, graph.inputs(), outputs, graph.carried());
    return new Model(Optional.of(all), params, first.opsets(), first.metadata(), first.carried());
  }

  /** The members with the params of a whole that was trained. */
  List<Model> split(Model whole) {
    List<Model> trained = new ArrayList<>();
    for (int i = 0; i < members.size(); i++) {
      List<Param> params = new ArrayList<>();
      for (Param param : members.get(i).params().values()) {
        Param now = whole.param(name(i, param.name()));
        params.add(new Param(param.name(), now.type(), now.values()));
      }
      trained.add(members.get(i).with(params));
    }
    return trained;
  }

  /** What is said of the first by name, said of all. */
  TrainOptions options(TrainOptions of) {
    Map<String, Double> dropout = new HashMap<>();
    Set<String> frozen = new LinkedHashSet<>();
    for (int i = 0; i < members.size(); i++) {
      int member = i;
      of.dropout().forEach((name, share) -> dropout.put(name(member, name), share));
      of.frozen().forEach(name -> frozen.add(name(member, name)));
    }
    return of.withDropout(dropout).withFrozen(frozen);
  }
}
