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
}
