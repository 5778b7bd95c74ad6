package compress.runtime;

import compress.kernels.OffHeap;
import compress.kernels.measure.Dispatcher;
import compress.model.DType;
import compress.model.FormatException;
import compress.model.Model;
import compress.model.Shape;
import compress.model.Tensor;
import compress.model.ValueInfo;
import compress.runtime.fuse.Fusions;
import compress.runtime.op.Threads;
import compress.runtime.op.Unsupported;
import compress.runtime.op.Weights;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * A network that can be run. Weights are packed once, into the layouts that suit what is in them; a
 * {@link Plan} is made for each combination of input shapes and kept, and all plans use the same
 * memory. Not safe for use by several threads at once.
 */
public final class Program implements AutoCloseable {
  /** Plans that are kept, those that were used last. */
  private static final int PLANS = 64;

  private final Path file;
  private final Source source;
  private final Options options;
  private final Weights.Policy policy;
  private final Threads threads;
  private final Map<Compiler.WeightsKey, Weights> packed = new HashMap<>();
  private final Map<Map<String, Shape>, Plan> plans =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Map<String, Shape>, Plan> eldest) {
          return size() > PLANS;
        }
      };
  private @Nullable MemorySegment block;

  /**
   * @param file where the model comes from, for messages
   * @throws FormatException if the model has no graph, or an operator that is not offered
   */
  public Program(Path file, Model model, Options options) throws IOException {
    this.file = file;
    this.options = options;
    this.source = Source.of(file, options.fuse() ? Fusions.apply(model) : model);
    this.policy = new Weights.Policy(options.dense(), Dispatcher.forThisMachine(options.threads()));
    this.threads = new Threads(options.threads());
  }

  /** What {@link #run} must be given. */
  public List<ValueInfo> inputs() {
    return source.graph().inputs();
  }

  /** What {@link #run} gives, in the order of the graph. */
  public List<String> outputs() {
    return source.graph().outputs().stream().map(ValueInfo::name).toList();
  }

  /**
   * The plan for inputs of these shapes.
   *
   * @throws FormatException if a node cannot be run: which, and why
   */
  public Plan plan(Map<String, Shape> shapes) throws FormatException {
    Plan plan = plans.get(shapes);
    if (plan == null) {
      Map<String, DType> types = new HashMap<>();
      for (ValueInfo input : inputs()) {
        types.put(
            input.name(),
            input
                .type()
                .orElseThrow(() ->
                    new FormatException(
                        file,
                        FormatException.NOWHERE,
                        "input '" + input.name() + "' is no tensor of a known type")));
      }
      try {
        plan = new Compiler(source, options, packed, threads, policy).compile(shapes, types);
      } catch (Unsupported e) {
        throw new FormatException(file, FormatException.NOWHERE, String.valueOf(e.getMessage()), e);
      }
      plans.put(Map.copyOf(shapes), plan);
    }
    return plan;
  }

  /**
   * One forward pass.
   *
   * @param given by name, one for each of {@link #inputs}
   * @return the outputs by name, in the order of {@link #outputs}; their memory is their own
   * @throws IllegalArgumentException if an input is missing or has a wrong type or shape
   * @throws FormatException if a node cannot be run with such inputs
   */
  public SequencedMap<String, Tensor> run(Map<String, Tensor> given) throws FormatException {
    return run(given, null);
  }

  /** As the other, and tells how long each step took. */
  public SequencedMap<String, Tensor> run(Map<String, Tensor> given, Plan.@Nullable Timer timer)
      throws FormatException {
    Map<String, Shape> shapes = new HashMap<>();
    for (ValueInfo input : inputs()) {
      shapes.put(input.name(), check(input, given.get(input.name())).shape());
    }
    Plan plan = plan(shapes);
    MemorySegment memory = block;
    if (memory == null || memory.byteSize() < plan.bytes()) {
      memory = OffHeap.allocate(plan.bytes());
      block = memory;
    }
    plan.place(memory);
    try {
      return plan.run(given, threads, timer);
    } catch (Unsupported e) {
      throw new FormatException(file, FormatException.NOWHERE, String.valueOf(e.getMessage()), e);
    }
  }

  /**
   * Runs one step of a plan once more, on whatever the last run left where its inputs were: for
   * measuring, since what it computes is of no use.
   *
   * @param plan that the last run followed
   * @return false if the step cannot be run alone
   */
  public boolean again(Plan plan, Step step) {
    return plan.again(step, threads);
  }

  private static Tensor check(ValueInfo input, @Nullable Tensor given) {
    if (given == null) {
      throw new IllegalArgumentException("input '" + input.name() + "' is missing");
    }
    boolean fits = input.type().isEmpty() || input.type().get() == given.type();
    List<OptionalLong> dims = input.dims().orElse(List.of());
    if (input.dims().isPresent()) {
      fits &= dims.size() == given.shape().rank();
      for (int i = 0; fits && i < dims.size(); i++) {
        fits = dims.get(i).isEmpty() || dims.get(i).getAsLong() == given.shape().dim(i);
      }
    }
    if (!fits) {
      throw new IllegalArgumentException(
          "input '%s' is %s %s; the network takes %s %s"
              .formatted(
                  input.name(),
                  given.type(),
                  given.shape(),
                  input.type().map(DType::name).orElse("?"),
                  dims.stream()
                      .map(d -> d.isPresent() ? Long.toString(d.getAsLong()) : "?")
                      .toList()));
    }
    return given;
  }

  @Override
  public void close() {
    threads.close();
  }
}
