package compress.runtime.op;

import compress.kernels.OffHeap;
import compress.model.DType;
import compress.model.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Memory that one or more {@link Value}s lie in: of a constant, or of what a step computes. That of
 * a step has its place in the arena once all steps are known.
 */
public final class Storage {
  /** Bytes behind the last element that kernels may read. */
  public static final int SLACK = OffHeap.LINE;

  private final long bytes;
  private @Nullable Supplier<Tensor> source;
  private @Nullable MemorySegment segment;
  private boolean known;

  private Storage(long bytes) {
    this.bytes = bytes;
  }

  /** To be given a place. */
  static Storage of(long bytes) {
    return new Storage(bytes);
  }

  /** Numbers that do not change; they are laid out when they are first asked for. */
  static Storage constant(DType type, long size, Supplier<Tensor> source) {
    Storage storage = new Storage(size * Elements.bytes(type));
    storage.source = source;
    storage.known = true;
    return storage;
  }

  /** The same memory, whose numbers are now known. */
  static Storage known(Storage placed) {
    Storage storage = new Storage(placed.bytes);
    storage.segment = placed.segment();
    storage.known = true;
    return storage;
  }

  /** Without {@link #SLACK}. */
  public long bytes() {
    return bytes;
  }

  /** Whether the numbers can be read while a step is being planned. */
  public boolean isKnown() {
    return known;
  }

  /** From now on the numbers can be read, and do not change. */
  public void makeKnown() {
    known = true;
  }

  /** Whether it has a place of its own, and needs none in the arena. */
  public boolean isPlaced() {
    return known;
  }

  /** Gives it its place: {@link #bytes} and {@link #SLACK} more. */
  public void place(MemorySegment at) {
    segment = at;
  }

  /** Memory of its own, all zero. */
  public void placeApart() {
    segment = OffHeap.allocate(bytes + SLACK);
  }

  public MemorySegment segment() {
    MemorySegment s = segment;
    if (s == null) {
      if (source == null) {
        throw new IllegalStateException("a value that has no memory yet");
      }
      s = OffHeap.allocate(bytes + SLACK);
      Elements.unpack(source.get(), s);
      segment = s;
    }
    return s;
  }
}
