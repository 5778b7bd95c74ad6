package compress.runtime.op;

import compress.model.DType;

/** In which order a result's axes lie. */
final class Layouts {
  private Layouts() {}

  /** The shape that all broadcast to. */
  static int[] broadcast(Call call, int[]... shapes) {
    int rank = 0;
    for (int[] s : shapes) {
      rank = Math.max(rank, s.length);
    }
    int[] result = new int[rank];
    java.util.Arrays.fill(result, 1);
    for (int[] s : shapes) {
      for (int i = 1; i <= s.length; i++) {
        int mine = s[s.length - i];
        int other = result[rank - i];
        if (mine != other && mine != 1 && other != 1) {
          throw call.refuse(
              "shapes %s and %s do not broadcast"
                  .formatted(java.util.Arrays.toString(shapes[0]), java.util.Arrays.toString(s)));
        }
        result[rank - i] = other == 1 ? mine : other;
      }
    }
    return result;
  }

  /**
   * New memory for an elementwise result, in the order in which the first input of its size lies
   * that is not row-major; so what a product wrote in its own order stays in that order.
   */
  static Value like(DType type, int[] shape, Value... inputs) {
    for (Value v : inputs) {
      if (java.util.Arrays.equals(v.shape(), shape) && !v.isDense() && v.isPermuted()) {
        return Value.of(type, shape, Value.ordered(shape, v.order()));
      }
    }
    return Value.of(type, shape);
  }
}
