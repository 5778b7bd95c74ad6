package compress.distill;

import compress.model.Model;
import compress.train.TrainOptions;
import java.util.Optional;

/**
 * What {@link DistillStage} is told.
 *
 * @param training of each student, without a guide
 * @param shrinking makes the student of the network that comes into the stage
 * @param fresh whether the student starts from new random weights
 * @param alone whether the same student is also trained without a teacher, for comparison
 * @param baseline a student trained elsewhere without the teacher, for comparison
 * @param generations students one after the other, each taught by the one before; 1 for one
 */
public record DistillOptions(
    Distillation distillation,
    TrainOptions training,
    Shrinking shrinking,
    boolean fresh,
    boolean alone,
    Optional<Model> baseline,
    int generations) {
  public DistillOptions {
    if (generations < 1) {
      throw new IllegalArgumentException("generations must be at least 1, not " + generations);
    }
  }

  /** One student as it comes, compared with its teacher. */
  public static DistillOptions of(Distillation distillation, TrainOptions training) {
    return new DistillOptions(
        distillation, training, Shrinking.NONE, false, false, Optional.empty(), 1);
  }

  public DistillOptions withShrinking(Shrinking to) {
    return new DistillOptions(distillation, training, to, fresh, alone, baseline, generations);
  }

  public DistillOptions withFresh(boolean to) {
    return new DistillOptions(distillation, training, shrinking, to, alone, baseline, generations);
  }

  public DistillOptions withAlone(boolean to) {
    return new DistillOptions(distillation, training, shrinking, fresh, to, baseline, generations);
  }

  public DistillOptions withBaseline(Model to) {
    return new DistillOptions(
        distillation, training, shrinking, fresh, alone, Optional.of(to), generations);
  }

  public DistillOptions withGenerations(int to) {
    return new DistillOptions(distillation, training, shrinking, fresh, alone, baseline, to);
  }
}
