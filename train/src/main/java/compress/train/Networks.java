package compress.train;

import compress.model.Model;
import java.util.List;

/** Networks to train from scratch. */
@SuppressWarnings("DoNotCallSuggester")
public final class Networks {
  private Networks() {}

  /** The names that {@link #make} knows. */
  public static List<String> names() {
    return List.of("lenet-300-100", "lenet-5", "resnet-20");
  }

  /**
   * A network with random params that only {@code seed} decides.
   *
   * @throws IllegalArgumentException if no network is called {@code name}
   */
  public static Model make(String name, long seed) {
    throw new UnsupportedOperationException();
  }
}
