package compress.train.torch;

import compress.model.DType;
import compress.model.Graph;
import compress.model.Model;
import compress.model.Node;
import compress.model.Param;
import compress.model.Shape;
import compress.model.Tensor;
import compress.model.ValueInfo;
import compress.train.data.DataSet;
import compress.train.data.Feed;
import compress.train.data.Preprocessing;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.stream.IntStream;

/**
 * Lets a network take many samples at once that an exporter has tied to one, for the time that it
 * is trained: sample by sample a step takes some twenty times as long. Nearly always only the
 * lengths of a {@code Reshape} stand in the way.
 */
public final class OpenBatch {
  private OpenBatch() {}

  /**
   * The network with an open batch, if it is tied to one sample and that gives the same answers.
   *
   * @param data samples to try it with, which fit the network
   */
  public static Optional<Model> of(
      Model model, DataSet data, Preprocessing preprocessing, int threads) {
    Feed feed = Feed.of(data, preprocessing, model.graph().orElseThrow().inputs());
    int samples = Math.min(3, data.size());
    if (!feed.fixedBatch().equals(OptionalInt.of(1)) || data.isTokens() || samples < 2) {
      return Optional.empty();
    }
    Model opened = opened(model);
    try (TorchEngine one = new TorchEngine(model, threads);
        TorchEngine many = new TorchEngine(opened, threads)) {
      int[] numbers = IntStream.range(0, samples).toArray();
      float[] together = first(many.run(feed.batch(numbers)));
      for (int i = 0; i < samples; i++) {
        float[] alone = first(one.run(feed.batch(i)));
        if (!same(alone, together, i)) {
          return Optional.empty();
        }
      }
      return together.length % samples == 0 ? Optional.of(opened) : Optional.empty();
    } catch (IllegalArgumentException e) {
      // Some other operator counts on the batch of one.
      return Optional.empty();
    }
  }

  private static float[] first(SequencedMap<String, Tensor> outputs) {
    return outputs.firstEntry().getValue().toFloats();
  }

  private static boolean same(float[] alone, float[] together, int sample) {
    if ((sample + 1) * alone.length > together.length) {
      return false;
    }
    double largest = 1;
    for (float v : alone) {
      largest = Math.max(largest, Math.abs(v));
    }
    for (int i = 0; i < alone.length; i++) {
      if (!(Math.abs(alone[i] - together[sample * alone.length + i]) <= 1e-4 * largest)) {
        return false;
      }
    }
    return true;
  }

  /** Where a {@code Reshape} makes the first axis 1 long, it keeps that axis instead. */
  private static Model opened(Model model) {
    Graph graph = model.graph().orElseThrow();
    SequencedMap<String, Param> params = new LinkedHashMap<>(model.params());
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      Param shape = node.is("Reshape") ? model.params().get(node.input(1)) : null;
      if (shape == null
          || shape.type() != DType.I64
          || model.params().containsKey(node.input(0))
          || shape.values().toFloats().length < 2
          || shape.values().toFloats()[0] != 1) {
        nodes.add(node);
        continue;
      }
      String name = shape.name() + "/open";
      params.put(name, keepingFirst(name, shape));
      List<String> inputs = List.of(node.input(0), name);
      nodes.add(
          new Node(
              node.name(),
              node.op(),
              node.domain(),
              inputs,
              node.outputs(),
              node.attributes(),
              node.carried()));
    }
    ValueInfo input = graph.inputs().getFirst();
    Graph changed =
        new Graph(graph.name(), nodes, List.of(open(input)), graph.outputs(), graph.carried());
    return new Model(
        Optional.of(changed), params, model.opsets(), model.metadata(), model.carried());
  }

  private static Param keepingFirst(String name, Param shape) {
    float[] lengths = shape.values().toFloats();
    long[] changed = new long[lengths.length];
    for (int i = 1; i < lengths.length; i++) {
      changed[i] = (long) lengths[i];
    }
    return Param.of(name, Tensor.ofLongs(Shape.of(changed.length), changed));
  }

  private static ValueInfo open(ValueInfo input) {
    List<OptionalLong> dims = new ArrayList<>(input.dims().orElseThrow());
    dims.set(0, OptionalLong.empty());
    return new ValueInfo(input.name(), input.type(), Optional.of(dims), input.carried());
  }
}
