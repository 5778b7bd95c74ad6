package compress.prune;

import compress.model.Model;
import compress.model.Param;
import compress.prune.Criterion.Evidence;
import compress.train.Calibration;
import compress.train.Context;
import compress.train.InputNorms;
import compress.train.Optimizer;
import compress.train.TrainOptions;
import compress.train.Trainer;
import compress.train.data.DataSet;
import compress.train.data.DataSplit;
import compress.train.data.Inputs;
import compress.train.data.Order;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;

/** Looks at a network for what criteria must know beside the weights. */
final class Evidences {
  /** Windows of a convolution that count for second moments, in each image. */
  private static final int WINDOWS_PER_SAMPLE = 256;

  private final PruneOptions options;
  private final Context context;

  Evidences(PruneOptions options, Context context) {
    this.options = options;
    this.context = context;
  }

  /** What would make looking fail, each a sentence for the user. */
  static List<String> check(PruneOptions options, Context context, Model model) {
    Evidence evidence = options.criterion().evidence();
    String criterion = options.criterion().name();
    if (evidence == Evidence.NONE) {
      return List.of();
    }
    if (model.graph().isEmpty()) {
      return List.of(
          "criterion '%s' looks at the network, and safetensors have none; take an ONNX file"
              .formatted(criterion));
    }
    if (GradientSums.gives(evidence)) {
      Optional<DataSplit> data = context.data();
      return data.isEmpty()
          ? List.of("criterion '%s' needs labelled data; give some".formatted(criterion))
          : Trainer.check(model, data.get(), looking());
    }
    boolean looks = evidence == Evidence.INPUT_NORM || evidence == Evidence.CURVATURE;
    return looks
        ? checkInputs(options, context, model, "criterion '" + criterion + "'")
        : List.of();
  }

  /** What would make running the network on samples fail. */
  static List<String> checkInputs(PruneOptions options, Context context, Model model, String who) {
    if (options.calibration().isPresent()) {
      return List.of();
    }
    if (context.data().isEmpty() || context.data().get().train().isEmpty()) {
      return List.of(
          who
              + " looks at what layers are given; give samples: a data set with a training part, or"
              + " calibration data");
    }
    try {
      inputs(context.data().get().train(), context, model);
      return List.of();
    } catch (IllegalArgumentException e) {
      return List.of(String.valueOf(e.getMessage()));
    }
  }

  private static Inputs inputs(DataSet samples, Context context, Model model) {
    DataSplit data = context.data().orElseThrow();
    return Inputs.of(samples, data.preprocessing(), model.graph().orElseThrow().inputs());
  }

  /** A look at the samples that the options say. */
  Calibration calibration(Model model) {
    Inputs inputs =
        options.calibration().isPresent()
            ? options.calibration().get().some(options.samples(), context.seed())
            : inputs(some(context.data().orElseThrow().train()), context, model);
    int rows =
        options.criterion().evidence() == Evidence.CURVATURE
            ? WINDOWS_PER_SAMPLE
            : Calibration.ALL_ROWS;
    return new Calibration(inputs, rows, context.threads(), context.progress());
  }

  /** Training samples may come class by class, so they are drawn. */
  private DataSet some(DataSet train) {
    int[] drawn = Order.shuffled(train.size(), context.seed());
    int[] chosen = Arrays.copyOf(drawn, Math.min(drawn.length, options.samples()));
    Arrays.sort(chosen);
    return train.subset(chosen);
  }

  /** By layer, with outputs first; nothing for criteria that need nothing. */
  Map<String, float[]> of(Model model, SequencedMap<String, OutputsFirst> layers)
      throws IOException {
    return switch (options.criterion().evidence()) {
      case NONE, CURVATURE -> Map.of();
      case INPUT_NORM -> inputNorms(model, layers);
      case OUTPUT_SCALE -> outputScales(model, layers);
      case GRADIENT_SIZE, MOVEMENT -> gradients(model, layers);
    };
  }

  private Map<String, float[]> inputNorms(Model model, SequencedMap<String, OutputsFirst> layers)
      throws IOException {
    Map<String, float[]> evidence = new LinkedHashMap<>();
    calibration(model)
        .collect(model, layers.keySet(), InputNorms::new)
        .forEach((name, norms) -> {
          OutputsFirst layer = Objects.requireNonNull(layers.get(name));
          int outputs = (int) layer.shape().dim(0);
          float[] all = new float[(int) layer.shape().size()];
          int columns = all.length / outputs;
          for (int i = 0; i < all.length; i++) {
            int group = i / columns / (outputs / norms.groups());
            all[i] = norms.norm(group, i % columns);
          }
          evidence.put(name, all);
        });
    return evidence;
  }

  private static Map<String, float[]> outputScales(
      Model model, SequencedMap<String, OutputsFirst> layers) {
    Map<String, float[]> evidence = new LinkedHashMap<>();
    layers.forEach((name, layer) -> {
      float[] scale = Prunable.scale(model, name).map(Param::values).orElseThrow().toFloats();
      float[] all = new float[(int) layer.shape().size()];
      for (int i = 0; i < all.length; i++) {
        all[i] = Math.abs(scale[i / (all.length / scale.length)]);
      }
      evidence.put(name, all);
    });
    return evidence;
  }

  /** A training that changes nothing shows the gradients. */
  private static TrainOptions looking() {
    return TrainOptions.defaults()
        .withOptimizer(new Optimizer.Sgd(0, 0, false, 0))
        .withFreezeBatchNorm(true)
        .withBatch(32);
  }

  private Map<String, float[]> gradients(Model model, SequencedMap<String, OutputsFirst> layers)
      throws IOException {
    DataSplit data = context.data().orElseThrow();
    DataSplit few =
        new DataSplit(
            some(data.train()),
            data.validation().subset(0, 0),
            data.test().subset(0, 0),
            data.preprocessing());
    Context without =
        Context.of(context.seed()).withThreads(context.threads()).withProgress(context.progress());
    GradientSums sums = new GradientSums(options.criterion().evidence(), layers);
    Trainer.train(model, few, looking(), without, sums);
    return sums.evidence();
  }
}
