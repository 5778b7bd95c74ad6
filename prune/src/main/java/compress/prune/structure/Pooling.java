package compress.prune.structure;

/** Pools: each channel by itself, over places. */
final class Pooling {
  private Pooling() {}

  static void link(Site site) {
    if (site.outputs().size() > 1) {
      site.pinAll(site.label() + " gives out indices into all channels");
      return;
    }
    site.ties().tie(site.in(0, 0), site.out(0, 0));
    site.ties().tie(site.in(0, 1), site.out(0, 1));
    for (int a = 2; a < site.shapeIn(0).rank(); a++) {
      site.ties().pin(site.in(0, a), site.label() + " pools over places");
      site.ties().pin(site.out(0, a), site.label() + " pools over places");
    }
  }
}
