package compress.runtime.fuse;

import compress.model.Node;
import compress.model.Param;
import java.util.List;
import java.util.Optional;

/** One way to compute several nodes as one. */
@FunctionalInterface
interface Fusion {
  /** What {@code last} and nodes before it become; empty if they are not of this kind. */
  Optional<Rewrite> at(Node last, View graph);

  /**
   * @param node stands in the place of the last of the nodes and has its outputs
   * @param replaced the others, which go
   * @param added params that {@code node} reads
   */
  record Rewrite(Node node, List<Node> replaced, List<Param> added) {
    static Optional<Rewrite> of(Node node, Node... replaced) {
      return Optional.of(new Rewrite(node, List.of(replaced), List.of()));
    }
  }
}
