package compress.prune.structure;

import compress.prune.structure.ChannelGroup.Kind;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What is cut out of a network, as the command line names it. */
public enum CutPattern {
  /** Channels between convolutions. */
  CHANNEL(EnumSet.of(Kind.CHANNEL)),
  /** The same by its other name: a channel is what a filter computes. */
  FILTER(EnumSet.of(Kind.CHANNEL)),
  /** Outputs of fully connected layers. */
  NEURON(EnumSet.of(Kind.NEURON)),
  /** Heads of attention. */
  HEAD(EnumSet.of(Kind.HEAD)),
  /** Whatever can be cut. */
  STRUCTURED(EnumSet.allOf(Kind.class));

  private final Set<Kind> kinds;

  CutPattern(Set<Kind> kinds) {
    this.kinds = kinds;
  }

  boolean takes(ChannelGroup group) {
    return kinds.contains(group.kind());
  }

  /** The pattern of this name; empty if there is none. */
  public static Optional<CutPattern> parse(String name) {
    return Arrays.stream(values()).filter(p -> p.toString().equals(name)).findFirst();
  }

  /** All names. */
  public static List<String> names() {
    return Arrays.stream(values()).map(CutPattern::toString).toList();
  }

  /** In lower case, as the command line has it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
