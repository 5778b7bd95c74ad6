package compress.train.torch;

import compress.model.Affine;
import compress.model.Mask;
import compress.model.Model;
import compress.model.Param;
import compress.model.Patched;
import compress.train.Augment;
import compress.train.Context;
import compress.train.Keep;
import compress.train.StepHook;
import compress.train.TrainOptions;
import compress.train.Trained;
import compress.train.data.DataSet;
import compress.train.data.DataSplit;
import compress.train.data.Feed;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Checks and starts trainings; {@link compress.train.Trainer} says what they do. */
public final class TorchTraining {
  private TorchTraining() {}

  /** As {@link compress.train.Trainer#check}. */
  public static List<String> check(Model model, DataSplit data, TrainOptions options) {
    List<String> wrong = new ArrayList<>(Program.refusals(model));
    if (model.graph().isEmpty()) {
      return wrong;
    }
    DataSet train = data.train();
    if (train.isEmpty()) {
      wrong.add("the data has no training part");
    } else if (!train.hasLabels() && options.guide().isEmpty()) {
      wrong.add("the training samples have no labels");
    }
    boolean chooses = options.patience() > 0 || options.keep() == Keep.BEST;
    if (chooses && data.validation().isEmpty()) {
      wrong.add("choosing an epoch or stopping early needs samples held out for validation");
    } else if (chooses && !data.validation().hasLabels() && options.guide().isEmpty()) {
      wrong.add("choosing an epoch or stopping early needs labels, or a teacher");
    }
    if (!train.isEmpty()) {
      wrong.addAll(misfits(model, data));
      if (!options.augment().equals(Augment.NONE) && train.sampleShape().rank() != 3) {
        wrong.add("only images can be augmented; the samples are " + train.sampleShape());
      }
      if (wrong.isEmpty() && options.guide().isPresent()) {
        wrong.addAll(options.guide().get().check(model, data, options));
      }
    }
    wrong.addAll(names(model, options));
    if (wrong.isEmpty() && LiveParams.learners(model, options).isEmpty()) {
      wrong.add("the network has no params that can learn");
    }
    return wrong;
  }

  private static List<String> misfits(Model model, DataSplit data) {
    try {
      Feed.of(data.train(), data.preprocessing(), model.graph().orElseThrow().inputs());
      return List.of();
    } catch (IllegalArgumentException e) {
      return List.of(String.valueOf(e.getMessage()));
    }
  }

  /** Names in the options that are no param's, and masks of the wrong shape. */
  private static List<String> names(Model model, TrainOptions options) {
    Set<String> named = new LinkedHashSet<>(options.masks().keySet());
    named.addAll(options.frozen());
    named.addAll(options.dropout().keySet());
    List<String> wrong = new ArrayList<>();
    for (String name : named) {
      if (!model.params().containsKey(name)) {
        wrong.add("no param is called '" + name + "'");
      }
    }
    for (Map.Entry<String, Mask> mask : options.masks().entrySet()) {
      Param param = model.params().get(mask.getKey());
      if (param != null && !param.shape().equals(mask.getValue().shape())) {
        wrong.add(
            "the mask of %s is %s, the param %s"
                .formatted(param.name(), mask.getValue().shape(), param.shape()));
      }
    }
    return wrong;
  }

  /** As {@link compress.train.Trainer#train}. */
  public static Trained train(
      Model model, DataSplit data, TrainOptions options, Context context, StepHook hook)
      throws IOException {
    List<String> wrong = check(model, data, options);
    if (!wrong.isEmpty()) {
      throw new IllegalArgumentException(String.join("\n", wrong));
    }
    Libtorch.load(context.threads());
    try (Training training = new Training(model, data, options, context, hook)) {
      return training.run();
    }
  }

  /** What a user may wonder about. */
  static List<String> notes(Model model, Feed feed, TrainOptions options, boolean opened) {
    List<String> notes = new ArrayList<>();
    if (opened) {
      notes.add(
          "the network takes 1 sample at a time; its batch was opened while it was trained, which"
              + " gives the same answers");
    }
    if (feed.fixedBatch().isPresent()) {
      notes.add(
          "the network takes exactly %d samples at a time; gradients are summed up to batches of %d"
              .formatted(feed.fixedBatch().getAsInt(), options.batch()));
    }
    List<String> fixed =
        model.params().values().stream()
            .filter(p -> p.values() instanceof Affine || p.values() instanceof Patched)
            .map(Param::name)
            .toList();
    if (!fixed.isEmpty()) {
      notes.add(
          "integers with a scale, and weights with outliers, stay as they are: "
              + String.join(", ", fixed));
    }
    return notes;
  }
}
