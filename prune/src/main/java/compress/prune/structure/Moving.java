package compress.prune.structure;

import compress.model.Node;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Values whose axes or entries change places. */
final class Moving {
  private Moving() {}

  static void transpose(Site site) {
    int rank = site.shapeIn(0).rank();
    List<Long> order = site.node().intsAttribute("perm");
    for (int a = 0; a < rank; a++) {
      int from = order.isEmpty() ? rank - 1 - a : (int) (long) order.get(a);
      site.ties().tie(site.in(0, from), site.out(0, a));
    }
  }

  /** Entries added at both ends of axes; those have no input and go with what they are added to. */
  static final class Pad implements Rule {
    @Override
    public void link(Site site) {
      Optional<long[]> before = before(site);
      if (before.isEmpty()) {
        site.pinAll(site.label() + " computes how much it adds");
        return;
      }
      boolean constant = site.node().textAttribute("mode", "constant").equals("constant");
      for (int a = 0; a < site.shapeIn(0).rank(); a++) {
        int added = (int) before.get()[a];
        int length = site.ties().length(site.in(0, a));
        if (added == 0 && site.ties().length(site.out(0, a)) == length) {
          site.ties().tie(site.in(0, a), site.out(0, a));
        } else if (!constant || added < 0 || site.ties().length(site.out(0, a)) < added + length) {
          site.ties().pin(site.in(0, a), site.label() + " repeats or drops entries");
          site.ties().pin(site.out(0, a), site.label() + " repeats or drops entries");
        } else {
          for (int i = 0; i < length; i++) {
            site.ties().tie(site.in(0, a), i, site.out(0, a), added + i);
          }
        }
      }
    }

    /** What is added before each axis. */
    private static Optional<long[]> before(Site site) {
      int rank = site.shapeIn(0).rank();
      Optional<long[]> pads = site.numbers("pads", 1);
      boolean some = site.opset() >= 18 && site.has(3);
      Optional<long[]> axes =
          some ? site.lengths().constants(site.node().input(3)) : Optional.of(upTo(rank));
      if (pads.isEmpty() || axes.isEmpty() || pads.get().length != 2 * axes.get().length) {
        return Optional.empty();
      }
      long[] before = new long[rank];
      for (int i = 0; i < axes.get().length; i++) {
        before[Site.axis(axes.get()[i], rank)] = pads.get()[i];
      }
      return Optional.of(before);
    }

    @Override
    public Node rewrite(Site site, Cut cut) {
      int rank = site.shapeIn(0).rank();
      long[] before = before(site).orElse(new long[rank]);
      boolean changes = false;
      for (int a = 0; a < rank; a++) {
        changes |= cut.changes(site.out(0, a));
      }
      if (!changes) {
        return site.node();
      }
      long[] pads = new long[2 * rank];
      for (int a = 0; a < rank; a++) {
        int end = (int) before[a] + site.ties().length(site.in(0, a));
        int length = site.ties().length(site.out(0, a));
        // Axes that lose entries by padding are pinned, and keep their numbers.
        boolean adds = before[a] >= 0 && end <= length;
        pads[a] = adds ? cut.kept(site.out(0, a), 0, (int) before[a]) : before[a];
        pads[rank + a] = adds ? cut.kept(site.out(0, a), end, length) : length - end;
      }
      Node node = cut.withNumbers(site, site.node(), "pads", 1, pads);
      return site.opset() >= 18 && site.has(3) ? cut.withInput(node, 3, upTo(rank)) : node;
    }

    private static long[] upTo(int rank) {
      long[] axes = new long[rank];
      Arrays.setAll(axes, a -> a);
      return axes;
    }
  }

  /** A stretch of some axes. One with gaps stays as it is. */
  static final class Slice implements Rule {
    /** The stretch of an axis: {@code [from, to)}. */
    private record Stretch(int axis, long start, long end, long step) {
      int from(int length) {
        return (int) Math.clamp(start < 0 ? start + length : start, 0L, length);
      }

      int to(int length) {
        return (int) Math.clamp(end < 0 ? end + length : end, 0L, length);
      }
    }

    @Override
    public void link(Site site) {
      Optional<Stretch[]> stretches = stretches(site);
      boolean[] done = new boolean[site.shapeIn(0).rank()];
      if (stretches.isEmpty()) {
        site.pinAll(site.label() + " computes what it takes");
        return;
      }
      for (Stretch s : stretches.get()) {
        Axis in = site.in(0, s.axis);
        Axis out = site.out(0, s.axis);
        done[s.axis] = true;
        if (s.step == 1) {
          for (int i = 0; i < site.ties().length(out); i++) {
            site.ties().tie(in, s.from(site.ties().length(in)) + i, out, i);
          }
        } else {
          site.ties().pin(in, site.label() + " takes every " + s.step + ". entry");
          site.ties().pin(out, site.label() + " takes every " + s.step + ". entry");
        }
      }
      for (int a = 0; a < done.length; a++) {
        if (!done[a]) {
          site.ties().tie(site.in(0, a), site.out(0, a));
        }
      }
    }

    private static Optional<Stretch[]> stretches(Site site) {
      int rank = site.shapeIn(0).rank();
      Optional<long[]> starts = site.numbers("starts", 1);
      Optional<long[]> ends = site.numbers("ends", 2);
      Optional<long[]> axes = site.numbers("axes", 3);
      Optional<long[]> steps = site.numbers("steps", 4);
      if (starts.isEmpty() || ends.isEmpty() || axes.isEmpty() || steps.isEmpty()) {
        return Optional.empty();
      }
      Stretch[] stretches = new Stretch[starts.get().length];
      for (int i = 0; i < stretches.length; i++) {
        int axis = axes.get().length == 0 ? i : Site.axis(axes.get()[i], rank);
        long step = steps.get().length == 0 ? 1 : steps.get()[i];
        stretches[i] = new Stretch(axis, starts.get()[i], ends.get()[i], step);
      }
      return Optional.of(stretches);
    }

    @Override
    public Node rewrite(Site site, Cut cut) {
      Stretch[] stretches = stretches(site).orElse(new Stretch[0]);
      boolean changes = false;
      long[] starts = new long[stretches.length];
      long[] ends = new long[stretches.length];
      for (int i = 0; i < stretches.length; i++) {
        Stretch s = stretches[i];
        Axis in = site.in(0, s.axis);
        starts[i] = s.start;
        ends[i] = s.end;
        if (cut.changes(in)) {
          int from = s.from(site.ties().length(in));
          starts[i] = cut.kept(in, 0, from);
          ends[i] = starts[i] + cut.kept(in, from, s.to(site.ties().length(in)));
          changes = true;
        }
      }
      if (!changes) {
        return site.node();
      }
      Node node = cut.withNumbers(site, site.node(), "starts", 1, starts);
      node = cut.withNumbers(site, node, "ends", 2, ends);
      // Inputs are of one type, which the new ones need not have.
      if (site.has(3)) {
        node = cut.withInput(node, 3, Arrays.stream(stretches).mapToLong(Stretch::axis).toArray());
      }
      return site.has(4)
          ? cut.withInput(node, 4, Arrays.stream(stretches).mapToLong(Stretch::step).toArray())
          : node;
    }
  }

  /** Entries picked by number: rows of an embedding, or channels in another order. */
  static final class Gather implements Rule {
    @Override
    public void link(Site site) {
      int axis = axis(site);
      int indexRank = site.shapeIn(1).rank();
      for (int a = 0; a < site.shapeIn(0).rank(); a++) {
        if (a != axis) {
          site.ties().tie(site.in(0, a), site.out(0, a < axis ? a : a - 1 + indexRank));
        }
      }
      Optional<long[]> picks = site.lengths().constants(site.node().input(1));
      if (picks.isPresent() && indexRank == 1) {
        for (int i = 0; i < picks.get().length; i++) {
          int from = Site.axis(picks.get()[i], site.ties().length(site.in(0, axis)));
          site.ties().tie(site.in(0, axis), from, site.out(0, axis), i);
        }
        return;
      }
      site.ties().pin(site.in(0, axis), site.label() + " picks entries by number");
      for (int a = 0; a < indexRank; a++) {
        site.ties().tie(site.in(1, a), site.out(0, axis + a));
      }
    }

    private static int axis(Site site) {
      return Site.axis(site.node().intAttribute("axis", 0), site.shapeIn(0).rank());
    }

    @Override
    public Node rewrite(Site site, Cut cut) {
      Axis in = site.in(0, axis(site));
      if (!cut.changes(in)) {
        return site.node();
      }
      long[] picks = site.lengths().constants(site.node().input(1)).orElseThrow();
      long[] left =
          Arrays.stream(picks)
              .map(pick -> Site.axis(pick, site.ties().length(in)))
              .filter(pick -> cut.keeps(in, (int) pick))
              .map(pick -> cut.kept(in, 0, (int) pick))
              .toArray();
      return cut.withInput(site.node(), 1, left);
    }
  }
}
