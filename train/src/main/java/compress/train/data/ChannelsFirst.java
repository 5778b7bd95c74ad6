package compress.train.data;

import compress.model.Shape;
import compress.model.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Images that were stored pixel by pixel. */
final class ChannelsFirst {
  private ChannelsFirst() {}

  /** {@code [n, height, width, channels]} as {@code [n, channels, height, width]}. A copy. */
  static Tensor of(Tensor images) {
    long[] d = images.shape().toArray();
    int width = images.type().bits() / 8;
    byte[] from = images.data().toArray(ValueLayout.JAVA_BYTE);
    byte[] to = new byte[from.length];
    int plane = Math.toIntExact(d[1] * d[2]);
    int channels = (int) d[3];
    for (int n = 0; n < d[0]; n++) {
      int image = n * plane * channels;
      for (int p = 0; p < plane; p++) {
        for (int c = 0; c < channels; c++) {
          System.arraycopy(
              from, (image + p * channels + c) * width, to, (image + c * plane + p) * width, width);
        }
      }
    }
    return new Tensor(images.type(), Shape.of(d[0], d[3], d[1], d[2]), MemorySegment.ofArray(to));
  }
}
