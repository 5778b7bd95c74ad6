package compress.prune.structure;

import compress.model.Node;

/**
 * What cutting means for a family of operators. A rule must tie or pin every axis that matters: an
 * axis that it leaves alone is taken to be of no concern to the node.
 *
 * <p>Cutting an index must give the same result as zeros in the params that the index has. So an
 * operator may pass an axis on only if no index mixes with others there, except in a product with
 * weights, which lose the same index.
 */
@FunctionalInterface
interface Rule {
  /**
   * States which indices of the node's inputs and outputs go together and which must stay. The
   * shapes of all of them are known.
   */
  void link(Site site);

  /** Pins what cannot be written down once all nodes are linked. */
  default void settle(Site site) {}

  /**
   * The node with its own numbers (sizes, bounds, groups) made to fit.
   *
   * @param cut what goes
   */
  default Node rewrite(Site site, Cut cut) {
    return site.node();
  }
}
