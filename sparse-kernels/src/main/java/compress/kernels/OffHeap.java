package compress.kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** Memory outside the heap, where a vector can lie on a cache line of its own. */
public final class OffHeap {
  /** Bytes of a cache line, and of the widest vector. */
  public static final int LINE = 64;

  /** From this size on, memory comes in {@link HugePages}. */
  static final long LARGE = 1L << 20;

  private OffHeap() {}

  /**
   * At least {@code bytes} zero bytes that start on a cache line. The size is rounded up to whole
   * lines. Freed once nothing refers to the segment.
   */
  public static MemorySegment allocate(long bytes) {
    if (bytes >= LARGE) {
      Optional<MemorySegment> pages = HugePages.allocate(Math.ceilDiv(bytes, LINE) * LINE);
      if (pages.isPresent()) {
        return pages.get();
      }
    }
    return Arena.ofAuto().allocate(Math.max(LINE, Math.ceilDiv(bytes, LINE) * LINE), LINE);
  }

  static MemorySegment of(float... values) {
    MemorySegment segment = allocate(4L * values.length);
    MemorySegment.copy(MemorySegment.ofArray(values), 0, segment, 0, 4L * values.length);
    return segment;
  }

  static MemorySegment of(int... values) {
    MemorySegment segment = allocate(4L * values.length);
    MemorySegment.copy(MemorySegment.ofArray(values), 0, segment, 0, 4L * values.length);
    return segment;
  }
}
