package compress.prune.structure;

/** Normalizations with params of their own. */
final class Normalization {
  private Normalization() {}

  /** Each channel by itself, with four params for each. */
  static void batch(Site site) {
    if (site.outputs().size() > 1) {
      site.pinAll(site.label() + " gives out its statistics, as in training");
      return;
    }
    site.tieAllBut(site.node().input(0), site.node().outputs().getFirst(), -1);
    for (int input = 1; input < 5; input++) {
      site.ties().tie(site.in(input, 0), site.in(0, 1));
    }
  }

  /** Each channel over its places, with two params for each. */
  static void instance(Site site) {
    site.tieAllBut(site.node().input(0), site.node().outputs().getFirst(), -1);
    site.ties().tie(site.in(1, 0), site.in(0, 1));
    site.ties().tie(site.in(2, 0), site.in(0, 1));
    for (int a = 2; a < site.shapeIn(0).rank(); a++) {
      site.ties().pin(site.in(0, a), site.label() + " normalizes over places");
    }
  }

  /** Over all channels: what one of them is changes all others. */
  static void layer(Site site) {
    int rank = site.shapeIn(0).rank();
    site.tieAllBut(site.node().input(0), site.node().outputs().getFirst(), -1);
    String why = site.label() + " normalizes over it";
    for (int a = Site.axis(site.node().intAttribute("axis", -1), rank); a < rank; a++) {
      site.ties().pin(site.in(0, a), why);
    }
    for (int input = 1; input < site.node().inputs().size(); input++) {
      site.ties().pin(site.node().input(input), why);
    }
    // Means and deviations have the other axes.
    for (int output : site.outputs()) {
      if (output > 0) {
        site.ties().pin(site.node().outputs().get(output), why);
      }
    }
  }
}
