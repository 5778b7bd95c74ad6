package compress.prune;

import compress.model.Mask;
import compress.train.LiveWeights;
import compress.train.StepHook;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/** Shrinks what is to go, more each step, and then removes it: {@link Schedule.Growing}. */
final class GrowingHook implements StepHook {
  private final Schedule.Growing schedule;
  private final Pruner pruner;
  private final String description;
  private final int epochs;

  /** Empty before the first step. */
  private SequencedMap<String, Mask> masks = new LinkedHashMap<>();

  private boolean done;

  /**
   * @param description of the options
   * @param epochs that the training takes
   */
  GrowingHook(Schedule.Growing schedule, Pruner pruner, String description, int epochs) {
    this.schedule = schedule;
    this.pruner = pruner;
    this.description = description;
    this.epochs = epochs;
  }

  @Override
  public void beforeStep(int step, int stepsPerEpoch, LiveWeights weights) {
    if (done) {
      return;
    }
    if (masks.isEmpty()) {
      masks = pruner.masks(weights::values, 0);
    }
    int span = spanInSteps(stepsPerEpoch);
    if (step >= span) {
      masks.forEach(weights::setMask);
      done = true;
      return;
    }
    float left = (float) (1 - schedule.most() * (step + 1) / span);
    masks.forEach((name, mask) -> {
      float[] values = weights.values(name);
      for (int i = 0; i < values.length; i++) {
        values[i] *= mask.keeps(i) ? 1 : left;
      }
      weights.setValues(name, values);
    });
  }

  private int spanInSteps(int stepsPerEpoch) {
    return Math.max(1, (int) Math.floor(schedule.span() * epochs * stepsPerEpoch + 1e-6));
  }

  @Override
  public int firstEpochToKeep(int stepsPerEpoch) {
    return spanInSteps(stepsPerEpoch) / stepsPerEpoch + 1;
  }

  boolean isDone() {
    return done;
  }

  @Override
  public String describe() {
    return "grow " + schedule + ", epochs " + epochs + ", " + description;
  }

  /** Whether it is done, then each mask's length and bits. */
  @Override
  public byte[] state() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(done ? 1 : 0);
    for (Mask mask : masks.values()) {
      BitSet kept = new BitSet();
      for (int i = 0; i < mask.shape().size(); i++) {
        kept.set(i, mask.keeps(i));
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
    done = bytes.get() == 1;
    masks = new LinkedHashMap<>();
    if (bytes.hasRemaining()) {
      pruner
          .layers()
          .forEach((name, layer) -> {
            byte[] bits = new byte[bytes.getInt()];
            bytes.get(bits);
            masks.put(name, Mask.of(layer.stored(), BitSet.valueOf(bits)));
          });
    }
  }
}
