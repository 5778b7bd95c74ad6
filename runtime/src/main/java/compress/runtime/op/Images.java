package compress.runtime.op;

/**
 * How {@code [N, C, ...]} lies, if each channel of each image is a plane without gaps: row-major,
 * or with the images inside of the channels, as a product over all images writes it.
 *
 * @param planes of all images
 * @param perImage planes from one image to the next
 * @param perChannel planes from one channel to the next
 */
record Images(Value value, int planes, long perImage, long perChannel) {
  /** The value itself if it lies so, else a row-major copy. */
  static Images of(Call call, Value x) {
    Value v = x.isPermuted() && hasPlanes(x) ? x : call.dense(x);
    long points = points(v);
    int n = v.dim(0);
    int c = v.dim(1);
    // The stride of an axis of length 1 says nothing.
    long perImage = n == 1 ? c : v.stride(0) / points;
    long perChannel = c == 1 ? (n == 1 ? 1 : perImage == 1 ? n : 1) : v.stride(1) / points;
    return new Images(v, n * c, perImage, perChannel);
  }

  private static long points(Value v) {
    return v.size() / Math.max(1, (long) v.dim(0) * v.dim(1));
  }

  private static boolean hasPlanes(Value v) {
    int[] space = java.util.Arrays.copyOfRange(v.shape(), 2, v.rank());
    long[] row = Value.rowMajor(space);
    for (int d = 0; d < space.length; d++) {
      if (space[d] > 1 && v.stride(d + 2) != row[d]) {
        return false;
      }
    }
    return v.size() > 0;
  }

  int channels() {
    return value.dim(1);
  }

  int count() {
    return value.dim(0);
  }

  /** Which plane an image's channel is. */
  long plane(int image, int channel) {
    return image * perImage + channel * perChannel;
  }

  /** Memory for a result of other channels and sizes, with its planes in the same order. */
  static Value like(Images x, int[] shape) {
    boolean channelsOutside = x.count() > 1 && x.perImage == 1;
    int[] order = java.util.stream.IntStream.range(0, shape.length).toArray();
    if (channelsOutside) {
      order[0] = 1;
      order[1] = 0;
    }
    return Value.of(x.value.type(), shape, Value.ordered(shape, order));
  }
}
