package compress.distill;

import compress.model.Model;
import java.io.IOException;

/** A way of making a student of its teacher. */
public interface Shrinking {
  /** Leaves the network as it is. */
  Shrinking NONE = model -> model;

  /**
   * The smaller network; quick, nothing is trained.
   *
   * @throws IllegalArgumentException if there is nothing to take away, with the reason
   */
  Model of(Model teacher) throws IOException;
}
