package compress.quantize;

import compress.model.Shape;

/**
 * The weights of a layer as a matrix {@code [outputs, columns]}, a row for each output with its
 * weights in the order in which {@link compress.train.Unfolding} has its columns.
 *
 * @param outputsFirst whether the tensor itself is so; if not, it is {@code [columns, outputs]}
 */
public record Rows(int outputs, int columns, boolean outputsFirst) {
  /** Of a tensor of {@code shape}. */
  public static Rows of(Shape shape, boolean outputsFirst) {
    int first = (int) shape.dim(0);
    int others = first == 0 ? 0 : Math.toIntExact(shape.size() / first);
    return outputsFirst ? new Rows(first, others, true) : new Rows(others, first, false);
  }

  /** The place in the tensor of a column's weight in an output. */
  public int entry(int output, int column) {
    return outputsFirst ? output * columns + column : column * outputs + output;
  }
}
