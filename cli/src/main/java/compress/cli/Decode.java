package compress.cli;

import compress.cli.pipeline.Sha256;
import compress.encode.Container;
import compress.encode.Decoder;
import compress.train.Progress;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code compress decode}: restores the model that a container was made from. */
@Command(
    name = "decode",
    mixinStandardHelpOptions = true,
    description =
        "Restores from a .cmpr file the very bytes that 'encode' read, external data included.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  compress decode model.cmpr -o model.onnx",
      "  compress decode model.cmpr --dry-run"
    })
final class Decode implements Callable<Integer> {
  @Mixin private Console console;

  @Parameters(paramLabel = "FILE", description = "A .cmpr file.")
  private Path file;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description =
          "Where the model goes. Default: the name that it had when it was encoded, in this folder.")
  private @Nullable Path output;

  @Option(names = "--force", description = "Replace existing files. Default: they are refused.")
  private boolean force;

  @Option(
      names = "--dry-run",
      description = "Say what would be written, and write nothing. Default: ${DEFAULT-VALUE}.")
  private boolean dryRun;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads to use. Default: as many as there are processors, at most 8.")
  private int threads = Math.min(8, Runtime.getRuntime().availableProcessors());

  @Override
  public Integer call() throws Exception {
    long start = System.nanoTime();
    Container container = Container.open(file);
    Path out = output != null ? output : Path.of(container.files().getFirst().name()).getFileName();
    List<Path> outputs = Decoder.outputs(file, out);
    for (Path path : outputs) {
      if (Files.exists(path) && !force && !dryRun) {
        throw new FileAlreadyExistsException(path.toString());
      }
    }
    if (!dryRun) {
      try (Progress.Task task = console.progress().start("decode", 1000)) {
        long[] shown = {0};
        Decoder.decode(
            file,
            out,
            threads,
            (done, of) -> {
              long now = of == 0 ? 1000 : 1000 * done / of;
              task.advance(now - shown[0]);
              shown[0] = now;
            });
      }
    }
    print(container, outputs, (System.nanoTime() - start) / 1e9);
    return Exit.DONE;
  }

  private void print(Container container, List<Path> outputs, double seconds) throws Exception {
    long bytes = container.files().stream().mapToLong(Container.FileInfo::bytes).sum();
    long encoded = Files.size(file);
    SequencedMap<String, Object> document = new LinkedHashMap<>();
    document.put("input", file(file, encoded, Sha256.of(file)));
    document.put("output", file(outputs.getFirst(), bytes, container.files().getFirst().sha256()));
    document.put("ratio", (double) encoded / bytes);
    List<Object> files = new ArrayList<>();
    for (int i = 0; i < outputs.size(); i++) {
      Container.FileInfo info = container.files().get(i);
      files.add(file(outputs.get(i), info.bytes(), info.sha256()));
    }
    document.put("files", files);
    document.put("written", !dryRun);
    document.put("seconds", seconds);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < outputs.size(); i++) {
      Container.FileInfo info = container.files().get(i);
      text.append(
          "%s %s  %s  sha256 %s\n"
              .formatted(
                  dryRun ? "would write" : "wrote",
                  outputs.get(i),
                  Figures.bytes(info.bytes()),
                  info.sha256()));
    }
    console.print(document, text);
  }

  private static Map<String, Object> file(Path path, long bytes, String sha256) {
    SequencedMap<String, Object> map = new LinkedHashMap<>();
    map.put("file", path.toString());
    map.put("bytes", bytes);
    map.put("sha256", sha256);
    return map;
  }
}
