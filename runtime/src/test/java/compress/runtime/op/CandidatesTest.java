package compress.runtime.op;

import static org.assertj.core.api.Assertions.assertThat;

import compress.kernels.Layout;
import compress.kernels.WeightMatrix;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Patterns are read off the zeros, and values off the numbers. */
final class CandidatesTest {
  private final Random random = new Random(3);

  private interface Entry {
    float at(int row, int column);
  }

  private List<String> found(int columns, Entry entry) {
    float[] w = new float[64 * 128];
    for (int i = 0; i < w.length; i++) {
      w[i] = entry.at(i / 128, i % 128);
    }
    return Candidates.of(new WeightMatrix(w, 64, 128), null, columns).stream()
        .map(l -> name(l))
        .toList();
  }

  private static String name(Layout layout) {
    return layout.getClass().getSimpleName() + " " + layout.pattern();
  }

  private float number() {
    return (float) random.nextGaussian();
  }

  @Test
  void nothingInDenseWeights() {
    assertThat(found(64, (r, c) -> number())).isEmpty();
  }

  @Test
  void unstructured() {
    Entry entry = (r, c) -> random.nextInt(10) == 0 ? number() : 0;
    assertThat(found(64, entry)).containsExactly("Sell unstructured");
    assertThat(found(1, entry))
        .containsExactly("Windows unstructured", "Windows unstructured", "Csr unstructured");
  }

  @Test
  void blocks() {
    Entry eight = (r, c) -> (r / 8 * 7 + c) % 10 == 0 ? number() : 0;
    assertThat(found(64, eight)).contains("Blocks block:8x1");
    Entry four = (r, c) -> (r / 4 * 7 + c) % 10 == 0 ? number() : 0;
    assertThat(found(64, four)).contains("Blocks block:4x1");
  }

  @Test
  void balanced() {
    assertThat(found(64, (r, c) -> (r + c) % 4 < 2 ? number() : 0)).contains("Sell 2:4");
    assertThat(found(1, (r, c) -> (r + c) % 4 < 2 ? number() : 0)).contains("NofM 2:4");
    assertThat(found(64, (r, c) -> (3 * r + c) % 32 < 3 ? number() : 0)).contains("Sell bank:32");
    assertThat(found(1, (r, c) -> (3 * r + c) % 32 < 3 ? number() : 0))
        .contains("BankBalanced bank:32");
  }

  @Test
  void fewValues() {
    assertThat(found(64, (r, c) -> random.nextInt(12) / 4f + 1)).containsExactly("Shared dense");
    assertThat(found(64, (r, c) -> random.nextBoolean() ? 2 : -2))
        .containsExactly("Shared dense", "Binary dense");
    Entry both = (r, c) -> random.nextInt(10) == 0 ? random.nextInt(12) + 1 : 0;
    assertThat(found(1, both)).contains("SharedCsr unstructured", "Csr unstructured");
  }
}
