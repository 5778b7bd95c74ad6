package compress.runtime.op;

import compress.kernels.Epilogue;
import compress.kernels.Input;
import compress.kernels.Matrix;
import compress.kernels.Workers;
import org.jspecify.annotations.Nullable;

/** {@code y = W x} with constant weights, as one step multiplies it. */
public final class Product {
  private final Weights weights;
  private final int columns;
  private final int times;
  private Weights.@Nullable Choice choice;

  /**
   * @param columns of activations
   * @param times how often a run multiplies so
   */
  Product(Weights weights, int columns, int times) {
    this.weights = weights;
    this.columns = columns;
    this.times = times;
  }

  /** Packs the weights and picks the kernel, once. */
  public void prepare(Threads threads, Weights.Policy policy) {
    if (choice == null) {
      choice = weights.choose(columns, threads, policy);
    }
  }

  /** What {@link #prepare} picked. */
  public Weights.Choice choice() {
    if (choice == null) {
      throw new IllegalStateException("a product that was not prepared");
    }
    return choice;
  }

  /** Features of the activations, those included that only zeros multiply. */
  public int features() {
    return weights.columns();
  }

  /** The share of weights that are zero. */
  public double sparsity() {
    return weights.sparsity();
  }

  public int columns() {
    return columns;
  }

  public int times() {
    return times;
  }

  void run(Input x, Matrix y, Epilogue epilogue, Workers workers) {
    Weights.Choice c = choice();
    c.kernel().multiply(c.layout(), x, y, epilogue, workers);
  }
}
