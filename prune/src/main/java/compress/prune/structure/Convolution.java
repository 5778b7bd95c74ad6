package compress.prune.structure;

import compress.model.Attribute;
import compress.model.Node;

/**
 * {@code Conv}: rows of the weight are output channels, its second axis input channels.
 *
 * <p>In groups of several input channels the groups stay and get narrower: the channels at the same
 * place in every group go together. A depthwise convolution, whose groups are of one input channel,
 * loses whole groups instead.
 */
final class Convolution implements Rule {
  @Override
  public void link(Site site) {
    Couplings ties = site.ties();
    int groups = (int) site.node().intAttribute("group", 1);
    int inPerGroup = (int) site.shapeIn(1).dim(1);
    int outPerGroup = (int) site.shapeIn(1).dim(0) / groups;
    outer(site);
    ties.tie(site.in(1, 0), site.out(0, 1));
    for (int g = 0; g < groups; g++) {
      // The second axis of a depthwise weight is of length 1 and stands for any channel.
      for (int i = 0; i < inPerGroup && !isDepthwise(site); i++) {
        ties.tie(site.in(0, 1), g * inPerGroup + i, site.in(1, 1), i);
      }
      for (int o = 0; o < outPerGroup; o++) {
        if (isDepthwise(site)) {
          ties.tie(site.in(0, 1), g, site.out(0, 1), g * outPerGroup + o);
        } else {
          ties.tie(site.out(0, 1), g * outPerGroup + o, site.out(0, 1), o);
        }
      }
    }
  }

  private static boolean isDepthwise(Site site) {
    return site.node().intAttribute("group", 1) > 1 && site.shapeIn(1).dim(1) == 1;
  }

  @Override
  public Node rewrite(Site site, Cut cut) {
    if (!isDepthwise(site) || !cut.changes(site.in(0, 1))) {
      return site.node();
    }
    return Cut.withAttribute(
        site.node(), "group", new Attribute.IntValue(cut.length(site.in(0, 1))));
  }

  /** Its weight is {@code [in, out / groups, ...]}. */
  static void linkTransposed(Site site) {
    Couplings ties = site.ties();
    int groups = (int) site.node().intAttribute("group", 1);
    int inPerGroup = (int) site.shapeIn(1).dim(0) / groups;
    int outPerGroup = (int) site.shapeIn(1).dim(1);
    outer(site);
    ties.tie(site.in(1, 0), site.in(0, 1));
    for (int g = 0; g < groups; g++) {
      for (int i = 0; i < inPerGroup; i++) {
        ties.tie(site.in(0, 1), g * inPerGroup + i, site.in(0, 1), i);
      }
      for (int o = 0; o < outPerGroup; o++) {
        ties.tie(site.out(0, 1), g * outPerGroup + o, site.in(1, 1), o);
      }
    }
  }

  /** Batch, bias and places. */
  private static void outer(Site site) {
    Couplings ties = site.ties();
    ties.tie(site.in(0, 0), site.out(0, 0));
    if (site.has(2)) {
      ties.tie(site.in(2, 0), site.out(0, 1));
    }
    String why = site.label() + " adds up over places";
    for (int a = 2; a < site.shapeIn(0).rank(); a++) {
      ties.pin(site.in(0, a), why);
      ties.pin(site.in(1, a), why);
      ties.pin(site.out(0, a), why);
    }
  }
}
