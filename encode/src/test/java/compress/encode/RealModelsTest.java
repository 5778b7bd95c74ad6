package compress.encode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/** Trained networks, where the shared data is at hand. */
class RealModelsTest {
  @TempDir Path folder;

  private static List<Path> models() throws IOException {
    Optional<Path> data = data();
    assumeTrue(data.isPresent(), "no shared data");
    try (java.util.stream.Stream<Path> files = Files.list(data.orElseThrow().resolve("models"))) {
      return files
          .filter(f -> f.toString().endsWith(".onnx") || f.toString().endsWith(".safetensors"))
          .sorted()
          .toList();
    }
  }

  private static Optional<Path> data() {
    String said = System.getProperty("compress.data", System.getenv("COMPRESS_DATA"));
    return java.util.stream.Stream.of(said == null ? "../../shared/data" : said, "../shared/data")
        .map(Path::of)
        .filter(p -> Files.isDirectory(p.resolve("models")))
        .findFirst();
  }

  @Test
  void areRestoredToTheByteAndSmallerThanXzMakesThem() throws IOException {
    for (Path model : models()) {
      Path cmpr = folder.resolve("model.cmpr");
      EncodeReport report = Encoder.encode(model, cmpr, EncodeOptions.defaults());
      Path restored = folder.resolve(model.getFileName());
      Decoder.decode(cmpr, restored);
      assertThat(Files.mismatch(model, restored)).as("%s", model).isEqualTo(-1);
      assertThat(report.ledger().stream().mapToLong(Ledger::bytes).sum())
          .isEqualTo(Files.size(cmpr));
      // The mantissas alone are three quarters: a tenth less than xz is nearly all there is.
      assertThat((double) report.bytes()).as("%s", model).isLessThan(0.92 * xz(model));
      Encoder.encode(model, cmpr, EncodeOptions.defaults().with(CoderChoice.HUFFMAN));
      Decoder.decode(cmpr, restored);
      assertThat(Files.mismatch(model, restored)).as("%s", model).isEqualTo(-1);
    }
  }

  private static int xz(Path file) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (XZOutputStream xz = new XZOutputStream(out, new LZMA2Options(9))) {
      Files.copy(file, xz);
    }
    return out.size();
  }
}
