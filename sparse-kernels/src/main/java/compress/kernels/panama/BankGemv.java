package compress.kernels.panama;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import compress.kernels.BankBalanced;
import compress.kernels.Layout;
import java.lang.foreign.MemorySegment;

/**
 * Bank-balanced weights times one column: 8 rows in step, each with a sum of its own, since all
 * have as many weights in a bank. The activations of a bank are near each other.
 */
final class BankGemv implements Gemv.Micro<BankBalanced> {
  private static final int TILE = Layout.TILE;

  @Override
  public long inputBytes(BankBalanced w) {
    return 4L * w.banks() * w.bankWidth();
  }

  @Override
  public void run(BankBalanced w, int fromRow, int toRow, MemorySegment x, MemorySegment out) {
    for (int r = fromRow; r < toRow; r += 8) {
      rows(w, w.index(r, 0, 0), x, out, 4L * (r - fromRow));
    }
  }

  private static void rows(BankBalanced w, long at, MemorySegment x, MemorySegment out, long to) {
    MemorySegment values = w.values();
    MemorySegment positions = w.positions();
    int kept = w.kept();
    long bankBytes = 4L * w.bankWidth();
    long end = bankBytes * w.banks();
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    float s4 = 0;
    float s5 = 0;
    float s6 = 0;
    float s7 = 0;
    for (long bank = 0; bank < end; bank += bankBytes) {
      for (int i = 0; i < kept; i++) {
        s0 +=
            values.get(JAVA_FLOAT, 4 * at)
                * x.get(JAVA_FLOAT, bank + 4L * (positions.get(JAVA_BYTE, at) & 0xff));
        s1 +=
            values.get(JAVA_FLOAT, 4 * at + 4)
                * x.get(JAVA_FLOAT, bank + 4L * (positions.get(JAVA_BYTE, at + 1) & 0xff));
        s2 +=
            values.get(JAVA_FLOAT, 4 * at + 8)
                * x.get(JAVA_FLOAT, bank + 4L * (positions.get(JAVA_BYTE, at + 2) & 0xff));
        s3 +=
            values.get(JAVA_FLOAT, 4 * at + 12)
                * x.get(JAVA_FLOAT, bank + 4L * (positions.get(JAVA_BYTE, at + 3) & 0xff));
        s4 +=
            values.get(JAVA_FLOAT, 4 * at + 16)
                * x.get(JAVA_FLOAT, bank + 4L * (positions.get(JAVA_BYTE, at + 4) & 0xff));
        s5 +=
            values.get(JAVA_FLOAT, 4 * at + 20)
                * x.get(JAVA_FLOAT, bank + 4L * (positions.get(JAVA_BYTE, at + 5) & 0xff));
        s6 +=
            values.get(JAVA_FLOAT, 4 * at + 24)
                * x.get(JAVA_FLOAT, bank + 4L * (positions.get(JAVA_BYTE, at + 6) & 0xff));
        s7 +=
            values.get(JAVA_FLOAT, 4 * at + 28)
                * x.get(JAVA_FLOAT, bank + 4L * (positions.get(JAVA_BYTE, at + 7) & 0xff));
        at += TILE;
      }
    }
    out.set(JAVA_FLOAT, to, s0);
    out.set(JAVA_FLOAT, to + 4, s1);
    out.set(JAVA_FLOAT, to + 8, s2);
    out.set(JAVA_FLOAT, to + 12, s3);
    out.set(JAVA_FLOAT, to + 16, s4);
    out.set(JAVA_FLOAT, to + 20, s5);
    out.set(JAVA_FLOAT, to + 24, s6);
    out.set(JAVA_FLOAT, to + 28, s7);
  }
}
