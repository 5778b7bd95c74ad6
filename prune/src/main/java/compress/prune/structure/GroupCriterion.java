package compress.prune.structure;

import compress.model.Model;
import java.util.Optional;

/** What a unit of a group is worth. The list of those there are is {@link GroupCriteria}. */
public interface GroupCriterion {
  /** As the command line has it: {@code magnitude}. */
  String name();

  /**
   * One score for each unit of the group, not negative; more is better.
   *
   * @param seed of this group, for a criterion that draws
   */
  float[] scores(ChannelGroup group, Model model, long seed);

  /** Why the units of a group cannot be scored; empty if they can. */
  default Optional<String> objection(ChannelGroup group, Model model) {
    return Optional.empty();
  }
}
