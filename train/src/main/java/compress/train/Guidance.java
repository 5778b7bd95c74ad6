package compress.train;

import compress.model.Model;
import compress.model.Tensor;
import compress.train.data.Draw;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * What one training minimizes besides the loss of the labels, as a network of its own: given values
 * of the student and whatever else it wants, it computes one number, the mean loss of a batch.
 * Being a graph it needs no engine of its own to be differentiated, and any other engine can check
 * it.
 */
public interface Guidance extends AutoCloseable {
  /**
   * The loss. Its inputs are those of {@link #taps}, {@link #given} and {@link #settings}, and any
   * input of the student by its name. Params that can learn do so with the student's, and are
   * forgotten after the training.
   */
  Model loss();

  /** The values of the student that the loss reads. */
  List<Tap> taps();

  /** The inputs of the loss that depend on the samples: what the teacher says of them. */
  Map<String, Tensor> given(Draw draw) throws IOException;

  /**
   * The inputs of the loss that are numbers, now.
   *
   * @param epoch done so far, with a fraction
   * @param epochs planned
   */
  Map<String, Float> settings(double epoch, double epochs);

  /** What the loss of the labels is multiplied with, now. */
  double labelShare(double epoch, double epochs);

  /** What a user may wonder about. */
  List<String> notes();

  @Override
  void close();

  /**
   * An input of the loss that is a value of the student.
   *
   * @param input of the loss
   * @param value of the student's graph; its first axis counts samples
   * @param settled whether it is taken as it is: no gradient goes back through it
   */
  record Tap(String input, String value, boolean settled) {}
}
