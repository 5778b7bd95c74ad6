package compress.runtime;

import compress.kernels.Layout;
import compress.model.Node;
import compress.runtime.op.Product;
import java.util.List;

/** Describes steps. */
final class Steps {
  private Steps() {}

  static Step of(int number, Node node, List<Product> products) {
    String name = node.name().isEmpty() ? node.outputs().getFirst() : node.name();
    return new Step(number, name, node.op(), products.stream().map(Steps::describe).toList());
  }

  private static Step.Multiplication describe(Product product) {
    Layout layout = product.choice().layout();
    return new Step.Multiplication(
        layout.rows(),
        product.columns(),
        product.features(),
        product.times(),
        product.sparsity(),
        layout.getClass().getSimpleName(),
        layout.pattern(),
        layout.bits(),
        layout.bytes(),
        product.choice().kernel().name());
  }
}
