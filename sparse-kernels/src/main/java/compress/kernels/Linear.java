package compress.kernels;

import compress.model.Affine;
import compress.model.DType;
import compress.model.Granularity;
import compress.model.Shape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Linear quantization to 8, 4 or 2 bits: a weight is {@code (code - zero) * scale}, with a scale
 * and a zero for each row, or for each group of columns in a row. Ternary weights are codes 0 to 2
 * with zero 1.
 *
 * @param codes unsigned; a signed integer {@code q} of b bits is stored as {@code q + 2^(b-1)}
 * @param scales {@code [tile][group][row in tile]}
 * @param zeros {@code [rows, groups]} of 8 bits
 * @param uniformZero the zero of all groups, or -1 if they differ, when {@code zeros} is read
 */
public record Linear(PackedCodes codes, MemorySegment scales, PackedCodes zeros, int uniformZero)
    implements Layout {
  /**
   * @param values of integers of 8, 4 or 2 bits. Their first axis is that of the outputs; scales
   *     are per tensor, per output, or, with two axes, per group of the second.
   */
  public static Linear pack(Affine values) {
    Shape shape = values.shape();
    DType type = values.integers().type();
    if (type.bits() > 8 || shape.rank() < 2 || shape.size() == 0) {
      throw new IllegalArgumentException(
          type + " " + shape + "; at most 8 bits, and at least two axes, none empty");
    }
    int rows = Math.toIntExact(shape.dim(0));
    int columns = Math.toIntExact(shape.size() / rows);
    int group =
        switch (values.granularity()) {
          case Granularity.PerTensor() -> columns;
          case Granularity.PerAxis(int axis) when axis == 0 || axis == -shape.rank() -> columns;
          case Granularity.PerGroup(int axis, int size)
              when shape.rank() == 2 && (axis == 1 || axis == -1) ->
              Math.min(size, columns);
          case Granularity g ->
              throw new IllegalArgumentException(
                  g + " of " + shape + "; scales go with rows, or with groups of columns");
        };
    int bias = type.kind() == DType.Kind.SIGNED ? 1 << type.bits() - 1 : 0;
    int groups = Math.ceilDiv(columns, group);
    int[] codes = new int[rows * columns];
    float[] scales = new float[rows * groups];
    int[] zeros = new int[rows * groups];
    for (int i = 0; i < codes.length; i++) {
      codes[i] = (int) values.integers().longAt(i) + bias;
      int at = i / columns * groups + i % columns / group;
      int scale = values.scaleOf(i);
      scales[at] = values.scale().floatAt(scale);
      zeros[at] =
          bias
              + (int) (values.zeroPoint().isPresent() ? values.zeroPoint().get().longAt(scale) : 0);
    }
    return pack(rows, columns, type.bits(), group, codes, scales, zeros);
  }

  /**
   * {@code codes} is row-major {@code [rows, columns]}; scales and zeros are {@code [rows,
   * groups]}.
   */
  public static Linear pack(
      int rows, int columns, int bits, int group, int[] codes, float[] scales, int[] zeros) {
    if (bits == 1) {
      throw new IllegalArgumentException("weights of one bit are packed as Binary");
    }
    PackedCodes packed = PackedCodes.pack(rows, columns, bits, group, codes);
    int groups = packed.groups();
    MemorySegment tiledScales = OffHeap.allocate(4L * Layout.tiles(rows) * groups * TILE);
    int uniformZero = zeros[0];
    for (int r = 0; r < rows; r++) {
      for (int g = 0; g < groups; g++) {
        int zero = zeros[r * groups + g];
        uniformZero = zero == uniformZero ? zero : -1;
        long at = ((long) (r / TILE) * groups + g) * TILE + r % TILE;
        tiledScales.setAtIndex(ValueLayout.JAVA_FLOAT, at, scales[r * groups + g]);
      }
    }
    return new Linear(
        packed, tiledScales, PackedCodes.pack(rows, groups, 8, groups, zeros), uniformZero);
  }

  private long index(int row, int group) {
    return ((long) (row / TILE) * codes.groups() + group) * TILE + row % TILE;
  }

  public float scale(int row, int group) {
    return scales.getAtIndex(ValueLayout.JAVA_FLOAT, index(row, group));
  }

  public int zero(int row, int group) {
    return zeros.code(row, group);
  }

  @Override
  public int rows() {
    return codes.rows();
  }

  @Override
  public int columns() {
    return codes.columns();
  }

  @Override
  public long bytes() {
    long scaleBytes = 4L * Layout.tiles(rows()) * codes.groups() * TILE;
    return codes.bytes() + scaleBytes + (uniformZero < 0 ? zeros.bytes() : 0);
  }

  @Override
  public long nonZeros() {
    return (long) rows() * columns();
  }

  @Override
  public String pattern() {
    return "dense";
  }

  @Override
  public int bits() {
    return codes.bits();
  }

  @Override
  public float[] unpack() {
    float[] w = new float[rows() * columns()];
    for (int r = 0; r < rows(); r++) {
      for (int c = 0; c < columns(); c++) {
        int g = c / codes.group();
        w[r * columns() + c] = (codes.code(r, c) - zero(r, g)) * scale(r, g);
      }
    }
    return w;
  }
}
