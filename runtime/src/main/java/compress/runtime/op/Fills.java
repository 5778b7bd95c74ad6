package compress.runtime.op;

import compress.model.DType;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Memory filled with one number. */
final class Fills {
  private Fills() {}

  /**
   * @param y without gaps
   * @param constant one number of the type of {@code y}; absent means {@code otherwise}
   */
  static Work of(Value y, @Nullable Value constant, float otherwise) {
    DType type = y.type();
    int bytes = Elements.bytes(type);
    return threads -> {
      MemorySegment to = y.data();
      if (constant != null) {
        MemorySegment.copy(constant.data(), 0, to, 0, y.size() == 0 ? 0 : bytes);
      } else if (y.size() > 0 && type.isFloat()) {
        Elements.putDouble(type, to, 0, otherwise);
      } else if (y.size() > 0) {
        Elements.putLong(type, to, 0, (long) otherwise);
      }
      // Each copy doubles what is filled.
      for (long done = 1; done < y.size(); done *= 2) {
        long n = Math.min(done, y.size() - done);
        MemorySegment.copy(to, 0, to, done * bytes, n * bytes);
      }
    };
  }
}
