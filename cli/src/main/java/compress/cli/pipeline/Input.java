package compress.cli.pipeline;

import compress.cli.recipe.Recipe.Source;
import compress.model.FileLayout;
import compress.model.Model;
import compress.model.ModelFiles.Format;
import compress.train.Networks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * What a run starts from.
 *
 * @param name of the model's file, without its folder
 * @param key the hash of all that the model depends on
 * @param opened absent for a network with random weights
 */
record Input(Model model, String name, Format format, String key, Optional<OpenModel> opened)
    implements AutoCloseable {

  static Input open(Source source, long seed) throws IOException {
    return switch (source) {
      case Source.Fresh(String network) ->
          new Input(
              Networks.make(network, seed),
              network + ".onnx",
              Format.ONNX,
              Sha256.of("network " + network + " " + seed),
              Optional.empty());
      case Source.File(Path path) -> open(path);
    };
  }

  private static Input open(Path path) throws IOException {
    OpenModel opened = OpenModel.open(path);
    try {
      Format format = opened.plainFormat();
      String name = stem(path) + "." + format;
      return new Input(opened.model(), name, format, opened.key(), Optional.of(opened));
    } catch (IOException | RuntimeException e) {
      opened.close();
      throw e;
    }
  }

  /** The name of a file without its folder and what follows the last dot. */
  static String stem(Path file) {
    String name = String.valueOf(file.getFileName());
    int dot = name.lastIndexOf('.');
    return dot > 0 ? name.substring(0, dot) : name;
  }

  /** As reports have a file. */
  static SequencedMap<String, Object> describe(Path file, FileLayout layout) throws IOException {
    long bytes = 0;
    for (Path part : layout.files()) {
      bytes += Files.size(part);
    }
    return describe(file, bytes);
  }

  static SequencedMap<String, Object> describe(Path file, long bytes) throws IOException {
    SequencedMap<String, Object> map = new LinkedHashMap<>();
    map.put("file", file.toString());
    map.put("bytes", bytes);
    map.put("sha256", Sha256.of(file));
    return map;
  }

  @Override
  public void close() throws IOException {
    if (opened.isPresent()) {
      opened.get().close();
    }
  }
}
