package compress.quantize;

import compress.model.Codebook;
import compress.model.Model;
import compress.model.Param;
import compress.model.Patched;
import compress.model.Role;
import compress.model.Shape;
import compress.model.Values;
import compress.model.Weight;
import compress.model.Weights;
import compress.model.onnx.Opsets;
import compress.train.Change;
import compress.train.Context;
import compress.train.Outcome;
import compress.train.Skip;
import compress.train.Stage;
import compress.train.StepHook;
import compress.train.TrainOptions;
import compress.train.Trained;
import compress.train.Trainer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Stores weights in fewer bits, tensor by tensor, and then, if asked to, trains what is left to
 * train: shared values by the summed gradient of their weights, biases and the like as they are. No
 * weight changes its cluster in training, and zeros stay zero.
 *
 * <p>Works without a graph and without data as long as nothing is to be trained. Takes memory for
 * one tensor at a time, beside the result.
 *
 * @see <a href="https://arxiv.org/abs/1510.00149">Han, Mao and Dally 2016</a>, section 3
 */
public final class QuantizeStage implements Stage {
  private final QuantizeOptions options;

  public QuantizeStage(QuantizeOptions options) {
    this.options = options;
  }

  @Override
  public String name() {
    return "quantize";
  }

  @Override
  public List<String> check(Model model, Context context) {
    List<String> problems = new ArrayList<>();
    collect(problems, () -> options.selection().check(model));
    collect(problems, () -> options.bits().check(model));
    boolean any = false;
    long opset = 1;
    for (Weight weight : Weights.of(model)) {
      if (whyLeft(weight).isPresent()) {
        continue;
      }
      any = true;
      int bits = bits(weight);
      Scheme scheme = options.scheme();
      if (bits < scheme.fewestBits() || bits > scheme.mostBits()) {
        problems.add(
            "%s: scheme '%s' takes %d to %d bits, not %d"
                .formatted(
                    weight.name(), scheme.name(), scheme.fewestBits(), scheme.mostBits(), bits));
      } else if (fits(weight.param())) {
        Param p = weight.param();
        Optional<String> objection = scheme.objection(p.shape(), p.type(), weight.outputAxis());
        if (objection.isPresent()) {
          problems.add(weight.name() + " " + objection.get());
        } else {
          opset = Math.max(opset, Opsets.neededFor(sample(weight, bits)));
          whyNotFinite(p).ifPresent(problems::add);
        }
      }
    }
    problems.addAll(Opsets.obstacles(model, opset));
    if (options.outliers() > 0) {
      opset = Math.max(opset, Opsets.SCATTER_ELEMENTS);
      if (!(options.scheme() instanceof KMeans || options.scheme() instanceof Linear)) {
        problems.add(
            "outliers stay beside 'kmeans' or 'linear', not scheme '%s'"
                .formatted(options.scheme().name()));
      }
    }
    if (!any && problems.isEmpty()) {
      problems.add("nothing to quantize: no weight is selected");
    }
    problems.addAll(LayerwiseQuantizer.problems(options, model, context));
    problems.addAll(Reversal.problems(options, context));
    options
        .budget()
        .ifPresent(b -> problems.addAll(BitAllocation.problems(b, options.scheme(), context)));
    options
        .finetune()
        .ifPresent(t -> {
          problems.addAll(trainingProblems(model, context, t));
          QuantizationAware.objection(options.scheme()).ifPresent(problems::add);
          if (options.outliers() > 0) {
            problems.add("weights with outliers are not trained; leave out one of the two");
          }
        });
    return problems;
  }

  /** What the scheme makes of a tensor of the same kind with one weight, or one run of weights. */
  private Values sample(Weight weight, int bits) {
    long[] ones = new long[weight.param().shape().rank()];
    Arrays.fill(ones, 1);
    int run = options.scheme() instanceof Product p ? p.length() : 1;
    ones[ones.length - 1] = run;
    Layer layer =
        new Layer(new float[run], Shape.of(ones), weight.param().type(), weight.outputAxis());
    return options.scheme().quantize(layer, bits, 0);
  }

  private static List<String> trainingProblems(Model model, Context context, TrainOptions options) {
    return context.data().isEmpty()
        ? List.of("fine-tuning needs data; give some, or leave fine-tuning out")
        : Trainer.check(model, context.data().get(), options);
  }

  private static void collect(List<String> problems, Runnable check) {
    try {
      check.run();
    } catch (IllegalArgumentException e) {
      problems.add(String.valueOf(e.getMessage()));
    }
  }

  @Override
  public Outcome run(Model given, Context context) throws IOException {
    List<String> problems = check(given, context);
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(String.join("\n", problems));
    }
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("scheme", options.scheme().name());
    LayerwiseQuantizer layers = new LayerwiseQuantizer(options.linear(), context);
    Model model = layers.prepared(given, this::selected, details);
    Map<String, Integer> bits = bits(model, context, details);
    layers.look(model, selected(model), details);
    List<Param> quantized = new ArrayList<>();
    List<Change> changed = new ArrayList<>();
    List<Skip> skipped = new ArrayList<>();
    List<Map<String, Object>> tensors = new ArrayList<>();
    List<Map<String, Object>> left = new ArrayList<>();
    List<Weight> weights = Weights.of(model);
    try (var task = context.progress().start("quantize", model.parameters())) {
      for (Weight weight : weights) {
        Optional<String> reason = whyLeft(weight);
        if (reason.isPresent()) {
          left.add(new Skip(weight.name(), reason.get()).toMap());
        } else {
          int b = bits.getOrDefault(weight.name(), 0);
          quantize(weight, b, context.seed(), layers, quantized, changed, skipped, tensors);
        }
        task.advance(weight.param().size());
      }
    }
    Model result = layers.finished(model, model.with(quantized), bits, options, details);
    if (options.revertForDrop().isPresent()) {
      Reversal.Result reversal =
          new Reversal(
                  model,
                  List.copyOf(quantized),
                  some -> layers.finished(model, model.with(some), bits, options, details),
                  context)
              .holding(result, options.revertForDrop().getAsDouble());
      details.putAll(reversal.toMap());
      for (String name : reversal.reverted().keySet()) {
        quantized.removeIf(p -> p.name().equals(name));
        changed.removeIf(c -> c.name().equals(name));
        tensors.removeIf(t -> name.equals(t.get("name")));
        left.add(new Skip(name, "put back: its rounding did most harm").toMap());
      }
      result = reversal.model();
    }
    details.put("tensors", tensors);
    details.put("left", left);
    boolean trains = options.finetune().isPresent() && !QuantizationAware.trains(options.scheme());
    if (trains && !quantized.isEmpty()) {
      Trained trained =
          Trainer.train(
              result,
              context.data().orElseThrow(),
              options.finetune().get().keepingZeros(result),
              context,
              StepHook.NONE);
      result = inOrder(trained.model(), quantized);
      details.putAll(trained.details());
    }
    return new Outcome(result, changed, skipped, details);
  }

  /** What each weight takes: as was said, or as a search finds. */
  private Map<String, Integer> bits(Model model, Context context, Map<String, Object> details)
      throws IOException {
    Map<String, Integer> bits = new LinkedHashMap<>();
    selected(model).forEach(w -> bits.put(w.name(), bits(w)));
    if (options.budget().isPresent()) {
      List<Weight> open =
          selected(model).stream()
              .filter(w -> w.role().isWeight() && options.bits().rule(w.name()).isEmpty())
              .toList();
      bits.putAll(
          new BitAllocation(model, open, options.scheme(), options.budget().get(), context)
              .choose(details));
    }
    return bits;
  }

  private void quantize(
      Weight weight,
      int bits,
      long seed,
      LayerwiseQuantizer layers,
      List<Param> quantized,
      List<Change> changed,
      List<Skip> skipped,
      List<Map<String, Object>> tensors) {
    Param param = weight.param();
    if (!fits(param)) {
      skipped.add(new Skip(param.name(), "has more weights than an array holds; split it first"));
      return;
    }
    Layer layer = layers.weighed(weight, Layer.of(weight));
    float[] before = layer.weights();
    long nonzero = nonzero(before);
    if (nonzero == 0) {
      skipped.add(new Skip(param.name(), "has no weights that are not zero"));
      return;
    }
    Optional<String> refusal = options.scheme().refusal(layer);
    if (refusal.isPresent()) {
      skipped.add(new Skip(param.name(), refusal.get()));
      return;
    }
    Outliers outliers = Outliers.of(layer, options.outliers());
    Layer inliers = outliers.inliers();
    // Each tensor draws by its own name, so leaving another out changes nothing here.
    long ownSeed = seed ^ (0x9E3779B97F4A7C15L * param.name().hashCode());
    Values after =
        layers.rounded(weight, inliers, bits, options.scheme().quantize(inliers, bits, ownSeed));
    if (after instanceof Codebook c) {
      after = SharedValues.ofType(param.type(), c);
    }
    if (costsAsMuch(after, nonzero, param.type().bits())) {
      skipped.add(
          new Skip(
              param.name(),
              "%d weights that are not zero take no more bytes than a codebook of %d values and"
                      .formatted(nonzero, ((Codebook) after).codebook().size())
                  + " its indices; use fewer bits"));
      return;
    }
    after = outliers.patched(after, layer);
    Distortion distortion = Distortion.of(before, after);
    quantized.add(param.with(after));
    changed.add(
        new Change(
            param.name(),
            String.format(
                Locale.ROOT,
                "%s, %d values, max |error| %.2g",
                options.scheme().name(),
                distortion.values(),
                distortion.maxError()),
            param.size(),
            nonzero,
            options.scheme().mayMakeZeros() ? nonzero(after.toFloats()) : nonzero,
            Math.min(bits, after.bits())));
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("name", param.name());
    facts.put("bits", Math.min(bits, after.bits()));
    if (after.bits() > bits) {
      facts.put("stored_bits", after.bits());
    }
    if (after instanceof Patched p) {
      facts.put("outliers", p.places().size());
      facts.put("outlier_bytes", p.places().data().byteSize() + p.outliers().data().byteSize());
    }
    facts.putAll(distortion.toMap());
    layers.outputSqnr(weight, before, after).ifPresent(db -> facts.put("output_sqnr_db", db));
    tensors.add(facts);
  }

  /** Whether a codebook and its indices would be no smaller than the plain weights. */
  private static boolean costsAsMuch(Values values, long nonzero, int plainBits) {
    return values instanceof Codebook c
        && c.codebook().size() * plainBits + nonzero * c.bits() >= nonzero * plainBits;
  }

  /** With the codebooks of {@code quantized} ascending again, as they were before training. */
  private static Model inOrder(Model trained, List<Param> quantized) {
    List<Param> ordered = new ArrayList<>();
    for (Param q : quantized) {
      Param param = trained.param(q.name());
      if (param.values() instanceof Codebook c) {
        ordered.add(param.with(SharedValues.ofType(param.type(), SharedValues.ascending(c))));
      }
    }
    return trained.with(ordered);
  }

  private Optional<String> whyLeft(Weight weight) {
    return options
        .selection()
        .whyLeft(weight, options.biasBits().isPresent())
        .or(() ->
            options
                .linear()
                .excluding()
                .filter(a -> a.excludes(weight.node()))
                .map(a -> "its node is excluded"));
  }

  private List<Weight> selected(Model model) {
    return Weights.of(model).stream().filter(w -> whyLeft(w).isEmpty()).toList();
  }

  private int bits(Weight weight) {
    return options
        .bits()
        .rule(weight.name())
        .orElseGet(() ->
            weight.role() == Role.BIAS && options.biasBits().isPresent()
                ? options.biasBits().getAsInt()
                : options.bits().otherwise());
  }

  private static boolean fits(Param param) {
    return param.size() <= Integer.MAX_VALUE - 8;
  }

  private static Optional<String> whyNotFinite(Param param) {
    float[] values = param.values().toFloats();
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        return Optional.of(
            "%s: weight %d is %s; list the tensor under ignore, or repair the network"
                .formatted(param.name(), i, values[i]));
      }
    }
    return Optional.empty();
  }

  private static long nonzero(float[] values) {
    long count = 0;
    for (float v : values) {
      count += v == 0 ? 0 : 1;
    }
    return count;
  }
}
