package compress.model;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * A trained network. Immutable: {@link #with} returns another that shares what did not change.
 *
 * @param graph absent for bare safetensors
 * @param params by name, in the order of the file
 * @param opsets ONNX operator set versions by domain, the empty string for ONNX's own; empty
 *     without a graph
 * @param metadata free text by key, as the file has it
 * @param carried what the file says of the model beyond this, as the bytes of its message
 */
public record Model(
    Optional<Graph> graph,
    SequencedMap<String, Param> params,
    Map<String, Long> opsets,
    Map<String, String> metadata,
    byte[] carried) {
  public Model {
    params = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(params));
  }

  /** The param called {@code name}. */
  public Param param(String name) {
    Param param = params.get(name);
    if (param == null) {
      throw new IllegalArgumentException("no param is called '" + name + "'");
    }
    return param;
  }

  /** The same network with {@code changed} in place of the params of the same names. */
  public Model with(Iterable<Param> changed) {
    SequencedMap<String, Param> next = new LinkedHashMap<>(params);
    for (Param p : changed) {
      if (next.put(p.name(), p) == null) {
        throw new IllegalArgumentException("no param is called '" + p.name() + "'");
      }
    }
    return new Model(graph, next, opsets, metadata, carried);
  }

  /** The version of ONNX's own operators that the graph is written in, 0 without a graph. */
  public long opset() {
    return opsets.getOrDefault("", opsets.getOrDefault("ai.onnx", 0L));
  }

  /** Numbers in all float params. */
  public long parameters() {
    return params.values().stream().filter(p -> p.type().isFloat()).mapToLong(Param::size).sum();
  }
}
