package compress.kernels.measure;

import compress.kernels.Layout;
import compress.kernels.OffHeap;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;

/** Several of the same weights, so that none is in a cache when its turn comes. */
final class Copies {
  private Copies() {}

  /** {@code count} layouts with the same weights, each in memory of its own. */
  static List<Layout> of(Layout layout, int count) {
    List<Layout> all = new ArrayList<>(List.of(layout));
    while (all.size() < count) {
      all.add(layout.getClass().cast(copy((Record) layout)));
    }
    return all;
  }

  /** Every layout is a record of numbers, of arrays, of memory, and of records of these. */
  private static Record copy(Record record) {
    RecordComponent[] components = record.getClass().getRecordComponents();
    Class<?>[] types = new Class<?>[components.length];
    Object[] values = new Object[components.length];
    try {
      for (int i = 0; i < components.length; i++) {
        types[i] = components[i].getType();
        values[i] = copyOf(components[i].getAccessor().invoke(record));
      }
      return record.getClass().getConstructor(types).newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(record.getClass() + " is no record of public parts", e);
    }
  }

  private static Object copyOf(Object value) {
    return switch (value) {
      case MemorySegment s -> OffHeap.allocate(s.byteSize()).copyFrom(s);
      case int[] a -> a.clone();
      case short[] a -> a.clone();
      case byte[] a -> a.clone();
      case float[] a -> a.clone();
      case Record r -> copy(r);
      default -> value;
    };
  }
}
