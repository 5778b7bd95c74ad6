package compress.prune.structure;

import compress.model.Node;

/** Values put one behind the other along an axis, and taken apart again. */
final class Joining {
  private Joining() {}

  /** Each input has its stretch of the output. */
  static final class Concat implements Rule {
    @Override
    public void link(Site site) {
      int axis = Site.axis(site.node().intAttribute("axis", 1), site.shapeOut(0).rank());
      int offset = 0;
      for (int input = 0; input < site.node().inputs().size(); input++) {
        site.tieAllBut(site.node().input(input), site.node().outputs().getFirst(), axis);
        offset = stretch(site, site.out(0, axis), offset, site.in(input, axis));
      }
    }
  }

  /** Each output has its stretch of the input. */
  static final class Split implements Rule {
    @Override
    public void link(Site site) {
      int axis = axis(site);
      int offset = 0;
      for (int output = 0; output < site.node().outputs().size(); output++) {
        if (!site.ties().knows(site.node().outputs().get(output))) {
          site.pinAll(site.label() + ": not every part has a name");
          return;
        }
        site.tieAllBut(site.node().input(0), site.node().outputs().get(output), axis);
        offset = stretch(site, site.in(0, axis), offset, site.out(output, axis));
      }
    }

    private static int axis(Site site) {
      return Site.axis(site.node().intAttribute("axis", 0), site.shapeIn(0).rank());
    }

    @Override
    public Node rewrite(Site site, Cut cut) {
      int axis = axis(site);
      if (!cut.changes(site.in(0, axis))) {
        return site.node();
      }
      long[] sizes = new long[site.node().outputs().size()];
      for (int output = 0; output < sizes.length; output++) {
        sizes[output] = cut.length(site.out(output, axis));
      }
      if (site.opset() < 13) {
        return Cut.withAttribute(site.node(), "split", Cut.ints(sizes));
      }
      return cut.withInput(Cut.withoutAttribute(site.node(), "num_outputs"), 1, sizes);
    }
  }

  /** Ties {@code part} to {@code whole} from {@code offset} on, and gives where it ends. */
  private static int stretch(Site site, Axis whole, int offset, Axis part) {
    int length = site.ties().length(part);
    for (int i = 0; i < length; i++) {
      site.ties().tie(whole, offset + i, part, i);
    }
    return offset + length;
  }
}
