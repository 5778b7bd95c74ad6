package compress.cli.recipe;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * A layer's row of a published table of compression, in the columns of Han, Mao and Dally 2016,
 * tables 2 and 3. Each cell is printed as it was written.
 */
public final class PaperRow {
  @Option(names = "--layer", required = true)
  String layer = "";

  @Option(names = "--weights")
  @Nullable String weights;

  @Option(names = "--kept")
  @Nullable String kept;

  @Option(names = "--weight-bits")
  @Nullable String weightBits;

  @Option(names = "--weight-bits-huffman")
  @Nullable String weightBitsHuffman;

  @Option(names = "--index-bits")
  @Nullable String indexBits;

  @Option(names = "--index-bits-huffman")
  @Nullable String indexBitsHuffman;

  @Option(names = "--compressed")
  @Nullable String compressed;

  /** The name of the weight, or {@code total}. */
  public String layer() {
    return layer;
  }

  public String weights() {
    return cell(weights);
  }

  public String kept() {
    return cell(kept);
  }

  public String weightBits() {
    return cell(weightBits);
  }

  public String weightBitsHuffman() {
    return cell(weightBitsHuffman);
  }

  public String indexBits() {
    return cell(indexBits);
  }

  public String indexBitsHuffman() {
    return cell(indexBitsHuffman);
  }

  public String compressed() {
    return cell(compressed);
  }

  private static String cell(@Nullable String text) {
    return text == null ? "" : text;
  }
}
