package compress.kernels;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * Memory in pages of 2 MiB where Linux has them to give. A product walks over more 4 KiB pages than
 * the processor remembers the places of, and each that it has to look up costs more than the
 * products of a cache line: reading memory is a third faster with large pages. Elsewhere, and where
 * the system says no, there is none and ordinary memory serves.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/madvise.2.html">madvise(2)</a>, MADV_HUGEPAGE
 */
final class HugePages {
  private static final long PAGE = 2L << 20;

  /** {@code PROT_READ | PROT_WRITE} and {@code MAP_PRIVATE | MAP_ANONYMOUS} of Linux. */
  private static final int READ_WRITE = 0x3;

  private static final int PRIVATE_ANONYMOUS = 0x22;
  private static final int MADV_HUGEPAGE = 14;

  private record Calls(MethodHandle mmap, MethodHandle madvise, MethodHandle munmap) {}

  private static final Optional<Calls> CALLS = find();

  private HugePages() {}

  /**
   * Zeros, on a page of 2 MiB, freed once nothing refers to the segment; empty if there is none.
   */
  static Optional<MemorySegment> allocate(long bytes) {
    return CALLS
        .flatMap(c -> map(c, Math.ceilDiv(bytes, PAGE) * PAGE))
        .map(s -> s.asSlice(0, bytes));
  }

  private static Optional<MemorySegment> map(Calls calls, long bytes) {
    try {
      // One page more than needed, so that a whole number of them lies inside.
      long length = bytes + PAGE;
      MemorySegment start =
          (MemorySegment)
              calls.mmap.invokeExact(
                  MemorySegment.NULL, length, READ_WRITE, PRIVATE_ANONYMOUS, -1, 0L);
      if (start.address() == -1) {
        return Optional.empty();
      }
      MemorySegment all = start.reinterpret(length, Arena.ofAuto(), s -> unmap(calls, s, length));
      long skip = -start.address() & (PAGE - 1);
      MemorySegment pages = all.asSlice(skip, bytes);
      int advised = (int) calls.madvise.invokeExact(pages, bytes, MADV_HUGEPAGE);
      return advised == 0 ? Optional.of(pages) : Optional.empty();
    } catch (Throwable e) {
      throw new IllegalStateException("asking for large pages", e);
    }
  }

  private static void unmap(Calls calls, MemorySegment segment, long length) {
    try {
      int done = (int) calls.munmap.invokeExact(segment, length);
      assert done == 0;
    } catch (Throwable e) {
      throw new IllegalStateException("giving memory back", e);
    }
  }

  private static Optional<Calls> find() {
    if (!System.getProperty("os.name").equals("Linux")
        || ValueLayout.ADDRESS.byteSize() != Long.BYTES) {
      return Optional.empty();
    }
    ValueLayout.OfInt i = ValueLayout.JAVA_INT;
    ValueLayout.OfLong l = ValueLayout.JAVA_LONG;
    AddressLayout a = ValueLayout.ADDRESS;
    return Optional.of(
        new Calls(
            call("mmap", FunctionDescriptor.of(a, a, l, i, i, i, l)),
            call("madvise", FunctionDescriptor.of(i, a, l, i)),
            call("munmap", FunctionDescriptor.of(i, a, l))));
  }

  private static MethodHandle call(String name, FunctionDescriptor types) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), types);
  }
}
