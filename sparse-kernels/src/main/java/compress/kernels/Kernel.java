package compress.kernels;

/**
 * One way of multiplying weights in one layout with activations: {@code y = W x}, then an {@link
 * Epilogue}.
 *
 * @param name layout, type, operation, implementation: {@code sell_f32_spmm__panama}
 */
public record Kernel<L extends Layout>(
    String name, Class<L> layout, Activations activations, Needs<L> needs, Multiply<L> body) {

  /** The scratch memory that patches are written to; no kernel uses it itself. */
  private static final int UNFOLDED = 6;

  /** What a kernel takes the activations for before it multiplies. */
  public enum Activations {
    /** As they are. */
    F32,
    /** As integers of 8 bits with a scale for each column: {@link Int8Column}. */
    INT8,
    /** As one bit with a scale for each column: {@link SignColumn}. */
    SIGN
  }

  /** The loops. Sizes are checked before; {@code y} overlaps neither {@code x} nor the weights. */
  @FunctionalInterface
  public interface Multiply<L extends Layout> {
    void run(L weights, Matrix x, Matrix y, Epilogue epilogue, Workers workers);
  }

  /** Loops that copy activations panel by panel before they multiply, from wherever they lie. */
  public interface MultiplyPanels<L extends Layout> extends Multiply<L> {
    void runPanels(L weights, Input x, Matrix y, Epilogue epilogue, Workers workers);

    @Override
    default void run(L weights, Matrix x, Matrix y, Epilogue epilogue, Workers workers) {
      runPanels(weights, x, y, epilogue, workers);
    }
  }

  /**
   * What a kernel is for.
   *
   * @param fewestColumns of activations
   * @param mostColumns of activations
   * @param weights what the weights must be like, beyond their layout
   */
  public record Needs<L extends Layout>(int fewestColumns, int mostColumns, Shape<L> weights) {
    /** Whether a kernel takes these weights. */
    @FunctionalInterface
    public interface Shape<L extends Layout> {
      boolean holds(L weights);
    }

    /** Any weights of the layout, any number of columns. */
    public static <L extends Layout> Needs<L> any() {
      return columns(1, Integer.MAX_VALUE);
    }

    public static <L extends Layout> Needs<L> columns(int fewest, int most) {
      return new Needs<>(fewest, most, w -> true);
    }

    public Needs<L> when(Shape<L> shape) {
      return new Needs<>(fewestColumns, mostColumns, shape);
    }
  }

  /** Whether this kernel multiplies these weights with this many columns of activations. */
  public boolean accepts(Layout weights, int columns) {
    return layout.isInstance(weights)
        && columns >= needs.fewestColumns()
        && columns <= needs.mostColumns()
        && needs.weights().holds(layout.cast(weights));
  }

  /**
   * Patches are copied panel by panel where the kernel takes panels, and else written out whole:
   * such kernels are for few columns.
   *
   * @param x {@code [weights.columns, columns]}
   * @param y {@code [weights.rows, columns]}, overwritten; must not overlap {@code x}
   * @throws IllegalArgumentException if sizes do not fit, or {@link #accepts} says no
   */
  public void multiply(Layout weights, Input x, Matrix y, Epilogue epilogue, Workers workers) {
    if (x.rows() != weights.columns() || y.rows() != weights.rows() || x.columns() != y.columns()) {
      throw new IllegalArgumentException(
          "weights [%d, %d] times [%d, %d] is not [%d, %d]"
              .formatted(
                  weights.rows(), weights.columns(), x.rows(), x.columns(), y.rows(), y.columns()));
    }
    if (x.data().asOverlappingSlice(y.data()).isPresent()) {
      throw new IllegalArgumentException("the result overlaps the activations");
    }
    if (!accepts(weights, x.columns())) {
      throw new IllegalArgumentException(
          "%s does not take %s weights of %s and %d columns"
              .formatted(name, weights.pattern(), weights.getClass().getSimpleName(), x.columns()));
    }
    epilogue.check(weights.rows(), x.columns());
    L w = layout.cast(weights);
    switch (x) {
      case Matrix matrix -> body.run(w, matrix, y, epilogue, workers);
      case Patches patches when body instanceof MultiplyPanels<L> panels ->
          panels.runPanels(w, patches, y, epilogue, workers);
      case Patches patches -> {
        long bytes = 4L * x.rows() * x.columns();
        Matrix whole = patches.unfold(workers.scratch(0, UNFOLDED, bytes));
        body.run(w, whole, y, epilogue, workers);
      }
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
