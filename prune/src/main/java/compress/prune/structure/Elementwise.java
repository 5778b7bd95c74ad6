package compress.prune.structure;

import compress.model.Shape;

/** Operators whose result at a place depends on the inputs at that place, stretched as in NumPy. */
final class Elementwise {
  private Elementwise() {}

  static void link(Site site) {
    if (site.node().intAttribute("broadcast", 0) != 0) {
      site.pinAll(site.label() + ": broadcasting of operator sets before 7 is not followed");
      return;
    }
    for (int output : site.outputs()) {
      Shape to = site.shapeOut(output);
      for (int input = 0; input < site.node().inputs().size(); input++) {
        if (!site.has(input)) {
          continue;
        }
        int missing = to.rank() - site.shapeIn(input).rank();
        for (int a = 0; a < site.shapeIn(input).rank(); a++) {
          if (a + missing >= 0 && site.shapeIn(input).dim(a) == to.dim(a + missing)) {
            site.ties().tie(site.in(input, a), site.out(output, a + missing));
          }
        }
      }
    }
  }

  /** To integers and back, by one scale for all or one for each index of an axis. */
  static void scaled(Site site) {
    site.tieAllBut(site.node().input(0), site.node().outputs().getFirst(), -1);
    int axis = Site.axis(site.node().intAttribute("axis", 1), site.shapeIn(0).rank());
    for (int input = 1; input < site.node().inputs().size(); input++) {
      boolean byIndex = site.has(input) && site.shapeIn(input).size() > 1;
      if (byIndex && site.shapeIn(input).rank() == 1) {
        site.ties().tie(site.in(input, 0), site.in(0, axis));
      } else if (byIndex) {
        site.pinAll(site.label() + " has a scale for each block");
      }
    }
  }
}
