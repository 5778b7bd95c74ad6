package compress.runtime.op;

import compress.kernels.Linear;
import compress.model.Affine;
import compress.model.DType;
import compress.model.Param;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Weights that a file stores as integers, as rows of a product. */
final class Integers {
  private Integers() {}

  /** Rows {@code first} and on of a param, all axes but the first taken as one. */
  static @Nullable Linear rows(Value w, int first, int rows, int k) {
    return pack(w, rows, k, (row, column) -> (long) (first + row) * k + column);
  }

  /** The columns of a param {@code [k, rows]}. */
  static @Nullable Linear columns(Value w, int k, int rows) {
    return pack(w, rows, k, (row, column) -> (long) column * rows + row);
  }

  /** Where an entry of the rows is in the param, row-major. */
  private interface Place {
    long of(int row, int column);
  }

  /** Null if the param has no integers, or scales that do not go with rows or groups of columns. */
  private static @Nullable Linear pack(Value w, int rows, int k, Place place) {
    Affine affine =
        w.param()
            .map(Param::values)
            .filter(v -> v instanceof Affine)
            .map(v -> (Affine) v)
            .orElse(null);
    if (affine == null || !affine.integers().type().isInteger()) {
      return null;
    }
    DType type = affine.integers().type();
    int group = group(affine, rows, k, place);
    if (type.bits() > 8 || group == 0) {
      return null;
    }
    int bias = type.kind() == DType.Kind.SIGNED ? 1 << type.bits() - 1 : 0;
    int groups = Math.ceilDiv(k, group);
    int[] codes = new int[rows * k];
    float[] scales = new float[rows * groups];
    int[] zeros = new int[rows * groups];
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < k; c++) {
        long at = place.of(r, c);
        codes[r * k + c] = (int) affine.integers().longAt(at) + bias;
        if (c % group == 0) {
          int scale = affine.scaleOf(at);
          scales[r * groups + c / group] = affine.scale().floatAt(scale);
          long zero = affine.zeroPoint().isPresent() ? affine.zeroPoint().get().longAt(scale) : 0;
          zeros[r * groups + c / group] = (int) zero + bias;
        }
      }
    }
    return Linear.pack(rows, k, type.bits(), group, codes, scales, zeros);
  }

  /** Columns that share a scale in each row: all, or the first that do; 0 if that is not so. */
  private static int group(Affine affine, int rows, int k, Place place) {
    int[] firstRow = new int[k];
    Arrays.setAll(firstRow, c -> affine.scaleOf(place.of(0, c)));
    int group = 1;
    while (group < k && firstRow[group] == firstRow[0]) {
      group++;
    }
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < k; c++) {
        int first = c / group * group;
        if (affine.scaleOf(place.of(r, c)) != affine.scaleOf(place.of(r, first))) {
          return 0;
        }
      }
    }
    return group;
  }
}
