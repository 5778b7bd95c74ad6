package compress.train.torch;

import compress.model.Model;
import compress.model.Param;
import compress.model.Tensor;
import compress.model.ValueInfo;
import compress.train.Engine;
import compress.train.Precision;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AutoGradMode;

/** Runs a model by libtorch. */
public final class TorchEngine implements Engine {
  private final List<ValueInfo> inputs;
  private final List<String> outputs;
  private final Program program;
  private final int threads;
  private final Precision precision;
  private final Map<String, org.bytedeco.pytorch.Tensor> params = new HashMap<>();

  /**
   * @param threads that libtorch may use
   * @throws IllegalArgumentException listing the nodes that cannot be run
   * @throws IllegalStateException if libtorch for this system is not there
   */
  public TorchEngine(Model model, int threads) {
    this(model, threads, Precision.FP32);
  }

  /** As above, products and convolutions in the given precision; what comes out is FP32. */
  public TorchEngine(Model model, int threads, Precision precision) {
    this(model, threads, outputNames(model), precision);
  }

  /** Computes other values than the graph's outputs. */
  TorchEngine(Model model, int threads, List<String> outputs) {
    this(model, threads, outputs, Precision.FP32);
  }

  private TorchEngine(Model model, int threads, List<String> outputs, Precision precision) {
    this.program = new Program(model, outputs);
    this.inputs = model.graph().orElseThrow().inputs();
    this.outputs = outputs;
    this.threads = threads;
    this.precision = precision;
    Libtorch.load(threads);
    for (Param param : model.params().values()) {
      params.put(param.name(), constant(param));
    }
  }

  private static List<String> outputNames(Model model) {
    return model.graph().stream().flatMap(g -> g.outputs().stream()).map(ValueInfo::name).toList();
  }

  /** Why the model cannot be run; empty if it can. Loads no native code. */
  public static List<String> refusals(Model model) {
    return Program.refusals(model);
  }

  /** What nodes see of a param, in libtorch's memory. */
  static org.bytedeco.pytorch.Tensor constant(Param param) {
    Tensor stored =
        param.values() instanceof compress.model.Dense(Tensor tensor)
            ? tensor
            : Tensor.of(param.shape(), param.values().toFloats());
    org.bytedeco.pytorch.Tensor copy =
        Libtorch.type(stored.type()).isPresent()
            ? Libtorch.copy(stored)
            : Libtorch.copy(Tensor.of(stored.shape(), stored.toFloats()));
    return stored.type() == param.type()
        ? copy
        : copy.to(Libtorch.type(param.type()).orElseThrow());
  }

  @Override
  public String name() {
    return "torch";
  }

  @Override
  public List<ValueInfo> inputs() {
    return inputs;
  }

  @Override
  public List<String> outputs() {
    return outputs;
  }

  @Override
  public SequencedMap<String, Tensor> run(Map<String, Tensor> given) {
    Libtorch.load(threads);
    SequencedMap<String, Tensor> results = new LinkedHashMap<>();
    try (PointerScope _ = new PointerScope();
        AutoGradMode _ = new AutoGradMode(false);
        Autocast cast = new Autocast(precision)) {
      List<org.bytedeco.pytorch.Tensor> values =
          cast.widened(program.run(bind(given), params, Mode.INFERENCE, true));
      for (int i = 0; i < values.size(); i++) {
        results.put(outputs.get(i), Libtorch.toJava(values.get(i)));
      }
    }
    return results;
  }

  /** As {@link #run}, the values left in libtorch's memory, in the caller's scope. */
  List<org.bytedeco.pytorch.Tensor> runInside(Map<String, org.bytedeco.pytorch.Tensor> given) {
    try (AutoGradMode _ = new AutoGradMode(false)) {
      return program.run(given, params, Mode.INFERENCE, false);
    }
  }

  private Map<String, org.bytedeco.pytorch.Tensor> bind(Map<String, Tensor> given) {
    Map<String, org.bytedeco.pytorch.Tensor> bound = new HashMap<>();
    for (ValueInfo input : inputs) {
      Tensor value = given.get(input.name());
      if (value == null) {
        throw new IllegalArgumentException("input '" + input.name() + "' is missing");
      }
      if (input.type().isPresent() && input.type().get() != value.type()) {
        throw new IllegalArgumentException(
            "input '%s' is %s, not %s".formatted(input.name(), input.type().get(), value.type()));
      }
      bound.put(input.name(), Libtorch.copy(value));
    }
    return bound;
  }

  @Override
  public void close() {
    params.values().forEach(org.bytedeco.pytorch.Tensor::close);
    params.clear();
  }
}
