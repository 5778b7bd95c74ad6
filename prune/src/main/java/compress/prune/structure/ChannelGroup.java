package compress.prune.structure;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Dimensions of a network that must be cut together. A group has units: channels, neurons or heads,
 * each the same indices in each of the group's params. Cutting a unit removes all of these, and the
 * network computes what it would compute with zeros there.
 *
 * @param name the first param whose outputs the units are
 * @param members in the order of the model
 * @param barrier why nothing of the group can be cut; empty if it can
 */
public record ChannelGroup(
    String name, Kind kind, int units, List<Member> members, Optional<String> barrier) {
  /** What a unit is. */
  public enum Kind {
    /** A channel between convolutions. */
    CHANNEL,
    /** An output of a fully connected layer. */
    NEURON,
    /** A head of attention: the rows or columns that belong to it in each of its projections. */
    HEAD;

    /** In lower case, as the command line has it. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * A param that loses entries along an axis when units go.
   *
   * @param isWeight whether its entries are multiplied with activations
   * @param produces whether the axis is one of outputs: the units are computed there
   * @param indices by unit, each ascending; one of the same place in all units if the unit is one
   *     entry of the axis, more where a unit is a block of them
   */
  public record Member(
      String param, int axis, boolean isWeight, boolean produces, List<int[]> indices) {
    public Member {
      indices = List.copyOf(indices);
    }

    /** Entries of the axis that a unit takes; of several numbers the largest. */
    public int perUnit() {
      return indices.stream().mapToInt(i -> i.length).max().orElse(0);
    }

    /** {@code fc1.weight:1x25}: the param, the axis, and how many entries a unit takes if not 1. */
    @Override
    public String toString() {
      return param + ":" + axis + (perUnit() == 1 ? "" : "x" + perUnit());
    }
  }

  public ChannelGroup {
    members = List.copyOf(members);
  }

  /** Members whose entries make up what a unit is worth. */
  public List<Member> weights() {
    return members.stream().filter(Member::isWeight).toList();
  }

  /** Entries of the first producing axis that a unit takes. */
  public int perUnit() {
    return members.stream()
        .filter(Member::produces)
        .mapToInt(Member::perUnit)
        .findFirst()
        .orElse(1);
  }

  /** {@code 16 channels: conv1.weight:0, bn1.weight:0, conv2.weight:1}. */
  @Override
  public String toString() {
    String list = members.stream().map(Member::toString).collect(Collectors.joining(", "));
    return "%d %s%s: %s%s"
        .formatted(
            units, kind, units == 1 ? "" : "s", list, barrier.map(b -> "; stays: " + b).orElse(""));
  }
}
