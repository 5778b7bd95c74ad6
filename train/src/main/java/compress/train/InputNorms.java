package compress.train;

/**
 * How large each input of a layer is: the square sums of its columns over all rows. Takes as much
 * memory as an output has weights.
 */
public final class InputNorms implements Unfolding.Rows {
  private final int columns;
  private final double[] squares;

  public InputNorms(Unfolding unfolding) {
    this.columns = unfolding.columns();
    this.squares = new double[unfolding.groups() * columns];
  }

  /** Parts of the layer that have inputs of their own. */
  public int groups() {
    return squares.length / Math.max(1, columns);
  }

  @Override
  public void take(int group, float[] rows, int count) {
    int at = group * columns;
    for (int r = 0; r < count; r++) {
      for (int c = 0; c < columns; c++) {
        double v = rows[r * columns + c];
        squares[at + c] += v * v;
      }
    }
  }

  /** The Euclidean length of a column over all rows. */
  public float norm(int group, int column) {
    return (float) Math.sqrt(squares[group * columns + column]);
  }
}
