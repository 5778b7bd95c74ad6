package compress.distill;

import compress.model.Model;
import compress.train.TrainOptions;
import java.util.Optional;

/**
 * What {@link DistillStage} is told.
 *
 * @param training of each student, without a guide
 * @param transfer the samples
 * @param shrinking makes the student of the network that comes into the stage
 * @param fresh whether the student starts from new random weights
 * @param controls what the student is compared with
 * @param course students one after the other, or several at once
 */
public record DistillOptions(
    Distillation distillation,
    TrainOptions training,
    Transfer transfer,
    Shrinking shrinking,
    boolean fresh,
    Controls controls,
    Course course) {

  /**
   * What a student is compared with, beside its teacher.
   *
   * @param alone whether the same student is also trained as long without a teacher
   * @param baseline a student trained elsewhere without the teacher
   */
  public record Controls(boolean alone, Optional<Model> baseline) {
    public static final Controls NONE = new Controls(false, Optional.empty());
  }

  /**
   * How many students there are.
   *
   * @param generations one after the other, each taught by the one before; 1 for one
   * @param mutual at once, teaching each other in place of the teacher; 1 for one
   */
  public record Course(int generations, int mutual) {
    /** One student. */
    public static final Course ONE = new Course(1, 1);

    public Course {
      if (generations < 1 || mutual < 1 || generations > 1 && mutual > 1) {
        throw new IllegalArgumentException(
            "generations %d and mutual %d: at least 1, and one of them 1"
                .formatted(generations, mutual));
      }
    }
  }

  /** One student as it comes, on all samples, compared with its teacher. */
  public static DistillOptions of(Distillation distillation, TrainOptions training) {
    return new DistillOptions(
        distillation, training, Transfer.ALL, Shrinking.NONE, false, Controls.NONE, Course.ONE);
  }

  public DistillOptions withTransfer(Transfer to) {
    return new DistillOptions(distillation, training, to, shrinking, fresh, controls, course);
  }

  public DistillOptions withShrinking(Shrinking to) {
    return new DistillOptions(distillation, training, transfer, to, fresh, controls, course);
  }

  public DistillOptions withFresh(boolean to) {
    return new DistillOptions(distillation, training, transfer, shrinking, to, controls, course);
  }

  public DistillOptions withControls(Controls to) {
    return new DistillOptions(distillation, training, transfer, shrinking, fresh, to, course);
  }

  public DistillOptions withCourse(Course to) {
    return new DistillOptions(distillation, training, transfer, shrinking, fresh, controls, to);
  }
}
