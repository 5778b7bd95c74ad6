package compress.kernels;

import compress.kernels.panama.PanamaKernels;
import java.util.List;
import java.util.stream.Stream;

/**
 * All kernels that this machine runs, the plain loops first. To add one: write it beside its like,
 * and add a line to the list in {@link PlainLoops} or {@link PanamaKernels}.
 */
public final class KernelCatalog {
  private static final List<Kernel<?>> ALL = find();

  private KernelCatalog() {}

  private static List<Kernel<?>> find() {
    if (!hasVectorApi()) {
      System.getLogger("compress.kernels")
          .log(
              System.Logger.Level.WARNING,
              "no Vector API here, so plain loops run instead of the fast kernels; start java with"
                  + " --add-modules jdk.incubator.vector");
      return PlainLoops.ALL;
    }
    return Stream.concat(PlainLoops.ALL.stream(), PanamaKernels.all().stream()).toList();
  }

  /** Whether the module that the fast kernels are written with is there. */
  public static boolean hasVectorApi() {
    return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
  }

  public static List<Kernel<?>> all() {
    return ALL;
  }

  /** Those that multiply these weights with this many columns of activations. */
  public static List<Kernel<?>> accepting(Layout weights, int columns) {
    return ALL.stream().filter(k -> k.accepts(weights, columns)).toList();
  }

  /** The plain loop for a layout and what it takes the activations for. */
  public static Kernel<?> plain(Layout weights, Kernel.Activations activations) {
    return PlainLoops.ALL.stream()
        .filter(k -> k.layout().isInstance(weights) && k.activations() == activations)
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "no plain loop for "
                    + weights.getClass().getSimpleName()
                    + " and activations "
                    + activations));
  }

  /**
   * @throws IllegalArgumentException if there is none of that name here
   */
  public static Kernel<?> named(String name) {
    return ALL.stream()
        .filter(k -> k.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no kernel '" + name + "' here"));
  }
}
