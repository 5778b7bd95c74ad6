package compress.prune.structure;

import compress.model.Node;
import compress.model.Shape;
import java.util.List;
import java.util.Optional;

/** Values stretched or filled to a length that is given. */
final class Filling {
  private Filling() {}

  /** Axes of length 1 are repeated, others stay; the target may name both. */
  static final class Expand implements Rule {
    @Override
    public void link(Site site) {
      Shape from = site.shapeIn(0);
      int missing = site.shapeOut(0).rank() - from.rank();
      for (int a = 0; a < from.rank(); a++) {
        if (from.dim(a) == site.shapeOut(0).dim(a + missing)) {
          site.ties().tie(site.in(0, a), site.out(0, a + missing));
        }
      }
      follow(site, 1);
    }

    @Override
    public Node rewrite(Site site, Cut cut) {
      return fill(site, cut, 1);
    }
  }

  /** A new value, the same everywhere. */
  static final class OfShape implements Rule {
    @Override
    public void link(Site site) {
      follow(site, 0);
    }

    @Override
    public Node rewrite(Site site, Cut cut) {
      return fill(site, cut, 0);
    }
  }

  /** Ties the output to the axes whose lengths its target reads off. */
  private static void follow(Site site, int input) {
    Optional<List<Lengths.Entry>> target = site.lengths().entries(site.node().input(input));
    boolean constant = site.lengths().constants(site.node().input(input)).isPresent();
    int rank = site.shapeOut(0).rank();
    for (int a = 0; a < rank; a++) {
      Axis out = site.out(0, a);
      int missing = target.isEmpty() ? rank : rank - target.get().size();
      if (a < missing) {
        // The target leaves outer axes as they are.
        if (target.isEmpty()) {
          site.ties().pin(out, site.label() + " computes its target");
        }
        continue;
      }
      switch (target.orElseThrow().get(a - missing)) {
        case Lengths.Of(Axis axis) -> {
          if (site.ties().length(axis) == site.ties().length(out)) {
            site.ties().tie(axis, out);
          }
        }
        case Lengths.Constant(long value) -> {
          if (!constant && value > 1) {
            site.ties().pin(out, site.label() + " computes its target");
          }
        }
        case Lengths.Computed _ -> site.ties().pin(out, site.label() + " computes its target");
      }
    }
  }

  private static Node fill(Site site, Cut cut, int input) {
    Optional<long[]> target = site.lengths().constants(site.node().input(input));
    if (target.isEmpty()) {
      return site.node();
    }
    int missing = site.shapeOut(0).rank() - target.get().length;
    boolean changes = false;
    long[] lengths = target.get().clone();
    for (int i = 0; i < lengths.length; i++) {
      Axis out = site.out(0, i + missing);
      if (lengths[i] > 1 && cut.changes(out)) {
        lengths[i] = cut.length(out);
        changes = true;
      }
    }
    return changes ? cut.withInput(site.node(), input, lengths) : site.node();
  }

  /** Axes that are not repeated pass. */
  static void tile(Site site) {
    for (int a = 0; a < site.shapeIn(0).rank(); a++) {
      if (site.shapeIn(0).dim(a) == site.shapeOut(0).dim(a)) {
        site.ties().tie(site.in(0, a), site.out(0, a));
      } else {
        site.ties().pin(site.in(0, a), site.label() + " repeats it");
        site.ties().pin(site.out(0, a), site.label() + " repeats it");
      }
    }
  }

  /** Batch and channels pass if only scales are given, for they then stay as they are. */
  static void resize(Site site) {
    boolean bySizes = site.node().is("Resize") && site.has(3);
    for (int a = 0; a < site.shapeIn(0).rank(); a++) {
      if (a < 2 && !bySizes && site.shapeIn(0).dim(a) == site.shapeOut(0).dim(a)) {
        site.ties().tie(site.in(0, a), site.out(0, a));
      } else {
        site.ties().pin(site.in(0, a), site.label() + " resizes");
        site.ties().pin(site.out(0, a), site.label() + " resizes");
      }
    }
  }

  /** Whoever uses a length is looked at in {@link Lengths}. */
  static void shape(Site site) {
    for (int a = 0; a < site.shapeOut(0).rank(); a++) {
      site.ties().pin(site.out(0, a), site.label() + " is a list of lengths");
    }
    if (site.node().is("Size")) {
      site.pinAll(site.label() + " is a length");
    }
  }
}
