package compress.cli.options;

import compress.encode.CoderChoice;
import compress.encode.EncodeOptions;
import compress.encode.Progress;
import picocli.CommandLine.Option;

/** How to encode. */
public final class EncodeStageOptions {
  @Option(
      names = "--coder",
      paramLabel = "NAME",
      description =
          "best: for each tensor the coder that makes it smallest; huffman: relative indices and"
              + " Huffman codes, the way of the Deep Compression paper. Default: ${DEFAULT-VALUE}.")
  private CoderChoice coder = CoderChoice.BEST;

  public EncodeOptions options(int threads, Progress progress) {
    return new EncodeOptions(coder, threads, progress);
  }
}
