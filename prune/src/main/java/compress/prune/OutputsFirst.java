package compress.prune;

import compress.model.Mask;
import compress.model.Role;
import compress.model.Shape;
import compress.model.Weight;
import java.util.Arrays;
import java.util.BitSet;

/**
 * A weight tensor in the order in which patterns see it: the first axis counts outputs. Files have
 * the weights of a {@code MatMul} as {@code [inputs, outputs]}, those of a convolution as {@code
 * [outputs, inputs, kernel]}; here both begin with the outputs. What is in that order already is
 * not copied.
 *
 * @param stored as the file has it
 * @param shape as patterns see it: {@code [outputs, inputs]}, or of convolutions {@code [outputs,
 *     inputs, kernel...]}; of tensors that are no weights as stored
 */
public record OutputsFirst(Shape stored, Shape shape, int outer, int outputs, int inner) {
  /** Of a weight; {@link compress.model.Weights} says where its outputs are. */
  public static OutputsFirst of(Weight weight) {
    Shape stored = weight.param().shape();
    int axis = weight.outputAxis();
    if (stored.rank() < 2 || stored.size() == 0) {
      return asStored(stored);
    }
    if (weight.role() == Role.RECURRENT) {
      // Directions have outputs of their own.
      long rows = stored.dim(0) * stored.dim(1);
      return new OutputsFirst(stored, Shape.of(rows, stored.size() / rows), 1, 1, 1);
    }
    boolean conv = weight.role() == Role.CONV || weight.role() == Role.CONV_TRANSPOSE;
    long[] dims = stored.toArray();
    int outer = 1;
    for (int a = 0; a < axis; a++) {
      outer *= Math.toIntExact(dims[a]);
    }
    int outputs = axis < 0 ? 1 : Math.toIntExact(dims[axis]);
    int inner = Math.toIntExact(stored.size() / outer / outputs);
    if (axis > 0 && conv) {
      long[] moved = dims.clone();
      System.arraycopy(dims, 0, moved, 1, axis);
      moved[0] = outputs;
      return new OutputsFirst(stored, Shape.of(moved), outer, outputs, inner);
    }
    Shape shape = conv || axis < 0 ? stored : Shape.of(outputs, stored.size() / outputs);
    return new OutputsFirst(stored, shape, outer, outputs, inner);
  }

  /** Of a tensor whose outputs come first, or that has none. */
  static OutputsFirst asStored(Shape shape) {
    return new OutputsFirst(shape, shape, 1, 1, 1);
  }

  private boolean isStored() {
    return outer == 1 || outputs == 1;
  }

  /** The place in the file's order of entry {@code i} in this one. */
  public int stored(int i) {
    if (isStored()) {
      return i;
    }
    int b = i % inner;
    int a = i / inner % outer;
    int o = i / inner / outer;
    return (a * outputs + o) * inner + b;
  }

  /** From the file's order to this one; the same array if there is nothing to move. */
  public float[] view(float[] values) {
    if (isStored()) {
      return values;
    }
    float[] moved = new float[values.length];
    for (int i = 0; i < moved.length; i++) {
      moved[i] = values[stored(i)];
    }
    return moved;
  }

  /** From this order to the file's; the same array if there is nothing to move. */
  public float[] stored(float[] view) {
    if (isStored()) {
      return view;
    }
    float[] moved = new float[view.length];
    for (int i = 0; i < moved.length; i++) {
      moved[stored(i)] = view[i];
    }
    return moved;
  }

  /** A mask of the file's order in this one. */
  public Mask view(Mask mask) {
    BitSet kept = new BitSet();
    for (int i = 0; i < shape.size(); i++) {
      kept.set(i, mask.keeps(stored(i)));
    }
    return Mask.of(shape, kept);
  }

  /** A mask of this order in the file's. */
  public Mask stored(Mask view) {
    BitSet kept = new BitSet();
    for (int i = 0; i < shape.size(); i++) {
      kept.set(stored(i), view.keeps(i));
    }
    return Mask.of(stored, kept);
  }

  @Override
  public String toString() {
    return stored + " as " + Arrays.toString(shape.toArray());
  }
}
