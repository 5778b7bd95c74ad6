package compress.distill;

import compress.model.Shape;
import java.util.Optional;

/**
 * A way of measuring how far a student is from its teacher, as nodes of a graph. It looks at one
 * value of each, of which it may first take a view; the view is all that is kept of the teacher.
 *
 * @param name what options and reports call it: {@code soft}
 * @param summary in a few words, for {@code --help}
 * @param usualWeight the weight it has unless another is given
 * @param subject which values it looks at
 * @param objection what is wrong with comparing two values
 * @param view what of a value is compared
 * @param comparison of two views
 */
public record Loss(
    String name,
    String summary,
    double usualWeight,
    Subject subject,
    Objection objection,
    View view,
    Comparison comparison) {

  /** Which values of the networks a loss looks at. */
  public enum Subject {
    /** The scores of classes, before softmax. */
    SCORES,
    /** Values inside: the middle pair of those that share their places. */
    MIDDLE,
    /** Values inside: of each size the last pair. */
    STAGES,
    /** What is made of a sample as a whole: a row for each. */
    EMBEDDING
  }

  /**
   * A value of a network.
   *
   * @param name in the graph
   * @param sample the shape that it has for one sample
   * @param mask the input that says by 1 and 0 which tokens are there; empty without such
   */
  public record Value(String name, Shape sample, Optional<String> mask) {
    /** Whether it is a row for each token, some of which may be filling. */
    public boolean isTokens() {
      return mask.isPresent() && sample.rank() == 2;
    }

    /** Whether it is channels of an image, {@code [channels, height, width]}. */
    public boolean isImage() {
      return sample.rank() == 3;
    }
  }

  /** A check before anything slow. */
  public interface Objection {
    /** What is wrong; empty if nothing is. */
    Optional<String> to(Value teacher, Value student);
  }

  /** A part of a graph that reads one value. */
  public interface View {
    /** The name of what it makes of {@code value}. */
    String of(Sketch graph, Value value);
  }

  /** A part of a graph that reads two views and makes one number, the mean loss of a batch. */
  public interface Comparison {
    /**
     * @return the name of a tensor of one number
     */
    String of(Sketch graph, Sides sides);
  }

  /**
   * What is compared.
   *
   * @param teacher the name of the view of {@code teacherValue}
   * @param student the name of the view of {@code studentValue}
   * @param temperature the input that holds the temperature
   * @param seed of params that learn
   */
  public record Sides(
      String teacher,
      String student,
      Value teacherValue,
      Value studentValue,
      String temperature,
      long seed) {}

  /** Whether the view of a sequence is as long as the sequence. */
  public boolean viewHasTokens(Value value) {
    return value.isTokens() && (subject == Subject.MIDDLE || subject == Subject.STAGES);
  }

  @Override
  public String toString() {
    return name;
  }
}
