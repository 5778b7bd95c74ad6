package compress.train.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** A way of storing a data set. */
interface DataFormat {
  /** What to call it, and what it looks for, for messages. */
  String looksFor();

  /**
   * Reads the data set at {@code path} if it is of this format.
   *
   * @return empty if {@code path} is something else
   * @throws compress.model.FormatException if it is of this format and damaged
   */
  Optional<Parts> read(Path path) throws IOException;

  /** Training and test samples; either may be empty. */
  record Parts(Optional<DataSet> train, Optional<DataSet> test) {}
}
