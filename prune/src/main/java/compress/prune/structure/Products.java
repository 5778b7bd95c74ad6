package compress.prune.structure;

/**
 * Matrix products. The axis that is summed over may be cut if one factor is made of params: that
 * factor loses the same index, and with it all that the index contributes.
 */
final class Products {
  private Products() {}

  static void gemm(Site site) {
    int inner = site.node().intAttribute("transA", 0) == 0 ? 1 : 0;
    int innerB = site.node().intAttribute("transB", 0) == 0 ? 0 : 1;
    site.ties().tie(site.in(0, 1 - inner), site.out(0, 0));
    site.ties().tie(site.in(1, 1 - innerB), site.out(0, 1));
    sum(site, site.in(0, inner), site.in(1, innerB));
    if (site.has(2)) {
      stretch(site, 2, site.shapeOut(0).rank());
    }
  }

  static void matMul(Site site) {
    int rankA = site.shapeIn(0).rank();
    int rankB = site.shapeIn(1).rank();
    int rank = site.shapeOut(0).rank();
    sum(site, site.in(0, rankA - 1), site.in(1, Math.max(0, rankB - 2)));
    if (rankB > 1) {
      site.ties().tie(site.in(1, rankB - 1), site.out(0, rank - 1));
    }
    if (rankA > 1) {
      site.ties().tie(site.in(0, rankA - 2), site.out(0, rank - (rankB > 1 ? 2 : 1)));
    }
    int batchAxes = rank - (rankA > 1 ? 1 : 0) - (rankB > 1 ? 1 : 0);
    batch(site, 0, rankA - 2, batchAxes);
    batch(site, 1, rankB - 2, batchAxes);
    if (!site.isConstant(0) && !site.isConstant(1)) {
      for (int a = 0; a < batchAxes; a++) {
        site.ties().markHeads(site.out(0, a));
      }
    }
  }

  private static void sum(Site site, Axis a, Axis b) {
    if (site.isConstant(0) || site.isConstant(1)) {
      site.ties().tie(a, b);
    } else {
      String why = site.label() + " adds up products of two computed values";
      site.ties().pin(a, why);
      site.ties().pin(b, why);
    }
  }

  private static void batch(Site site, int input, int axes, int batchAxes) {
    for (int a = 0; a < axes; a++) {
      Axis in = site.in(input, a);
      Axis out = site.out(0, batchAxes - axes + a);
      if (site.ties().length(in) == site.ties().length(out)) {
        site.ties().tie(in, out);
      }
    }
  }

  private static void stretch(Site site, int input, int rank) {
    int missing = rank - site.shapeIn(input).rank();
    for (int a = 0; a < site.shapeIn(input).rank(); a++) {
      Axis in = site.in(input, a);
      Axis out = site.out(0, a + missing);
      if (site.ties().length(in) == site.ties().length(out)) {
        site.ties().tie(in, out);
      }
    }
  }
}
