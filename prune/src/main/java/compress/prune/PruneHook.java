package compress.prune;

import compress.model.Mask;
import compress.prune.Criterion.Evidence;
import compress.train.LiveWeights;
import compress.train.StepHook;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/** Prunes a network in training, a little more each time the {@link Schedule} says so. */
final class PruneHook implements StepHook {
  private final PruneOptions options;
  private final Pruner pruner;
  private final int epochs;

  /** What the steps say of weights, for a criterion that asks for it. */
  private final Optional<GradientSums> gradients;

  /** The next update to make; equals the number of updates once all are made. */
  private int next;

  /** What is removed for now, if it may come back. */
  private SequencedMap<String, Mask> covers = new LinkedHashMap<>();

  /** Whether the covers are those of a checkpoint, which the training does not know yet. */
  private boolean restored;

  /**
   * @param epochs that the training takes
   */
  PruneHook(PruneOptions options, Pruner pruner, int epochs) {
    this.options = options;
    this.pruner = pruner;
    this.epochs = epochs;
    Evidence evidence = options.criterion().evidence();
    this.gradients =
        GradientSums.gives(evidence)
            ? Optional.of(new GradientSums(evidence, pruner.layers()))
            : Optional.empty();
  }

  @Override
  public void afterGradients(int step, LiveWeights weights) {
    if (!isDone()) {
      gradients.ifPresent(g -> g.afterGradients(step, weights));
    }
  }

  @Override
  public void beforeStep(int step, int stepsPerEpoch, LiveWeights weights) {
    if (restored) {
      covers.forEach(weights::cover);
      restored = false;
    }
    Schedule schedule = options.schedule();
    int due = next;
    while (due < schedule.updates() && step >= stepOf(due, stepsPerEpoch)) {
      due++;
    }
    if (due == next) {
      return;
    }
    // Several may be due in a training of few steps: the last of them holds.
    next = due;
    gradients
        .filter(g -> !g.isEmpty())
        .ifPresent(g -> {
          pruner.learn(g.evidence());
          g.clear();
        });
    Map<String, float[]> values = new LinkedHashMap<>();
    SequencedMap<String, Mask> masks =
        pruner.masks(name -> values.computeIfAbsent(name, weights::values), due - 1);
    if (options.splicing() && !isDone()) {
      covers = masks;
      masks.forEach(weights::cover);
    } else {
      covers = new LinkedHashMap<>();
      masks.forEach(weights::setMask);
    }
  }

  /** The one in which the last update is made. */
  @Override
  public int firstEpochToKeep(int stepsPerEpoch) {
    return stepOf(options.schedule().updates() - 1, stepsPerEpoch) / stepsPerEpoch + 1;
  }

  private int stepOf(int update, int stepsPerEpoch) {
    double steps = options.schedule().when(update) * epochs * stepsPerEpoch;
    // A step that rounding put just before a whole one.
    return (int) Math.floor(steps + 1e-6);
  }

  /** Whether all updates have been made. */
  boolean isDone() {
    return next == options.schedule().updates();
  }

  @Override
  public String describe() {
    return "prune "
        + String.join(
            ", ",
            options.pattern().toString(),
            options.criterion().toString(),
            options.allocation().toString(),
            options.amount().toString(),
            options.schedule().toString(),
            options.splicing() ? "splicing" : "for good",
            pruner.layers().toString(),
            "epochs " + epochs,
            options.control().toString());
  }

  /** The next update, what the gradients said, then each cover's length and bits. */
  @Override
  public byte[] state() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(next).array());
    gradients.ifPresent(g -> {
      byte[] sums = g.state();
      bytes.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(sums.length).array());
      bytes.writeBytes(sums);
    });
    for (Mask cover : covers.values()) {
      BitSet kept = new BitSet();
      for (int i = 0; i < cover.shape().size(); i++) {
        kept.set(i, cover.keeps(i));
      }
      byte[] bits = kept.toByteArray();
      bytes.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(bits.length).array());
      bytes.writeBytes(bits);
    }
    return bytes.toByteArray();
  }

  @Override
  public void restore(byte[] state) {
    ByteBuffer bytes = ByteBuffer.wrap(state);
    next = bytes.getInt();
    gradients.ifPresent(g -> {
      byte[] sums = new byte[bytes.getInt()];
      bytes.get(sums);
      g.restore(sums);
    });
    covers = new LinkedHashMap<>();
    if (bytes.hasRemaining()) {
      pruner
          .layers()
          .forEach((name, layer) -> {
            byte[] bits = new byte[bytes.getInt()];
            bytes.get(bits);
            covers.put(name, Mask.of(layer.stored(), BitSet.valueOf(bits)));
          });
    }
    restored = true;
  }
}
