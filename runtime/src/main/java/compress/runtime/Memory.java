package compress.runtime;

import compress.kernels.OffHeap;
import compress.runtime.op.Storage;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Where each value of a plan lies in one block of memory. Values that are never needed at the same
 * time may lie at the same place: the largest is placed first, each at the lowest offset that is
 * free for as long as it lives.
 *
 * @see <a href="https://arxiv.org/abs/2001.03288">Pisarchyk and Lee 2020</a>, greedy by size
 */
final class Memory {
  /** A value's memory, and the steps from the one that writes it to the last that reads it. */
  record Life(Storage storage, int first, int last) {
    boolean meets(Life other) {
      return first <= other.last && other.first <= last;
    }
  }

  private record Place(Life life, long offset, long end) {}

  private final List<Place> places = new ArrayList<>();
  private final long bytes;

  /**
   * @param shared whether places may be used twice
   */
  Memory(List<Life> lives, boolean shared) {
    long end = 0;
    List<Life> largestFirst = new ArrayList<>(lives);
    largestFirst.sort(Comparator.comparingLong((Life l) -> l.storage().bytes()).reversed());
    for (Life life : largestFirst) {
      long size = Math.ceilDiv(life.storage().bytes() + Storage.SLACK, OffHeap.LINE) * OffHeap.LINE;
      long offset = shared ? lowest(life, size) : end;
      places.add(new Place(life, offset, offset + size));
      end = Math.max(end, offset + size);
    }
    bytes = end;
  }

  private long lowest(Life life, long size) {
    List<Place> inTheWay =
        places.stream()
            .filter(p -> p.life.meets(life))
            .sorted(Comparator.comparingLong(Place::offset))
            .toList();
    long at = 0;
    for (Place p : inTheWay) {
      if (p.offset >= at + size) {
        break;
      }
      at = Math.max(at, p.end);
    }
    return at;
  }

  long bytes() {
    return bytes;
  }

  /** Gives each value its place in {@code block}, of at least {@link #bytes}. */
  void place(MemorySegment block) {
    for (Place p : places) {
      p.life.storage().place(block.asSlice(p.offset, p.end - p.offset));
    }
  }
}
