package compress.cli.options;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** The kinds of stages that a recipe may name. */
public final class StageKinds {
  /**
   * @param make fresh options, all at their defaults
   */
  public record Kind(String name, Supplier<StageOptions> make) {}

  public static final List<Kind> ALL =
      List.of(
          new Kind("train", TrainStageOptions::new),
          new Kind("prune", PruneStageOptions::new),
          new Kind("quantize", QuantizeStageOptions::new),
          new Kind("distill", DistillStageOptions::new));

  /** The last step, which works on a file and so is no stage like the others. */
  public static final String ENCODE = "encode";

  private StageKinds() {}

  public static Optional<Kind> named(String name) {
    return ALL.stream().filter(k -> k.name().equals(name)).findFirst();
  }
}
