package compress.prune.structure;

import compress.prune.structure.ChannelGroup.Kind;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What is cut out of a network, as the command line names it. */
public enum CutPattern {
  /** Channels between convolutions. */
  CHANNEL,
  /** The same by its other name: a channel is what a filter computes. */
  FILTER,
  /** Outputs of fully connected layers. */
  NEURON,
  /** Heads of attention. */
  HEAD,
  /** Whatever can be cut. */
  STRUCTURED;

  boolean takes(ChannelGroup group) {
    return switch (this) {
      case CHANNEL, FILTER -> group.kind() == Kind.CHANNEL;
      case NEURON -> group.kind() == Kind.NEURON;
      case HEAD -> group.kind() == Kind.HEAD;
      case STRUCTURED -> true;
    };
  }

  /** The pattern of this name; empty if there is none. */
  public static Optional<CutPattern> parse(String name) {
    return Arrays.stream(values()).filter(p -> p.toString().equals(name)).findFirst();
  }

  /** In lower case, as the command line has it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
