package compress.train;

import compress.model.Model;
import java.io.IOException;
import java.util.List;

/** One step of compression: takes a network, gives back another. */
public interface Stage {
  /** What recipes and reports call it: {@code prune}. */
  String name();

  /**
   * Everything that would make {@link #run} fail, each a sentence for the user; empty if nothing
   * would. Quick: nothing is trained or run.
   */
  List<String> check(Model model, Context context);

  /**
   * Does the work. The same model, context and seed give the same bytes.
   *
   * @throws IllegalArgumentException for what {@link #check} lists
   */
  Outcome run(Model model, Context context) throws IOException;
}
