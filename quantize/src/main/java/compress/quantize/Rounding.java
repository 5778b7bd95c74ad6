package compress.quantize;

import compress.model.Affine;
import compress.train.SecondMoment;

/**
 * Chooses the integers of a layer whose scales are fixed, looking at what the layer is given. The
 * weights of one output are chosen together, so that the errors of some make up for those of others
 * in the layer's answers.
 */
public interface Rounding {
  /** As the command line has it: {@code gptq}. */
  String name();

  /**
   * The integers, one for each entry of the tensor.
   *
   * @param nearest the layer with each weight rounded for itself: its scales are kept
   * @param moment of the rows that the layer is given
   * @param groups of outputs that have rows of their own: those of a grouped convolution, or 1
   */
  int[] round(Layer layer, Rows rows, Affine nearest, int bits, SecondMoment moment, int groups);
}
