package compress.cli;

import compress.model.ModelFiles;
import compress.train.Networks;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * Runs the commands once on a small network, so that the launcher can keep the classes they load in
 * a cache. Native libraries are left out: they are no part of it.
 */
@Command(name = "warm-up", hidden = true, description = "Used by the launcher.")
final class WarmUp implements Callable<Integer> {
  @Parameters(paramLabel = "FOLDER", description = "An empty folder to work in.")
  private Path folder;

  @Override
  public Integer call() throws IOException {
    String model = folder.resolve("a.onnx").toString();
    String pruned = folder.resolve("b.onnx").toString();
    String shared = folder.resolve("c.onnx").toString();
    String encoded = folder.resolve("d.cmpr").toString();
    String recipe = folder.resolve("r.yaml").toString();
    ModelFiles.write(Networks.make("lenet-300-100", 0), Path.of(model));
    Files.writeString(
        Path.of(recipe),
        "model: a.onnx\nstages: [{stage: prune, sparsity: 0.5}, {stage: encode}]\n");
    List<List<String>> commands =
        List.of(
            List.of("--help"),
            List.of("--version"),
            List.of("prune", "--help"),
            List.of("bench", "kernels", "--help"),
            List.of("inspect", model),
            List.of("inspect", model, "--json"),
            List.of("prune", model, "--sparsity", "0.9", "-o", pruned),
            List.of("quantize", pruned, "--bits", "2", "--init", "linear", "-o", shared),
            List.of("encode", shared, "-o", encoded),
            List.of("inspect", encoded),
            List.of("diff", model, shared),
            List.of("run", recipe, "--dry-run"),
            List.of("run", recipe, "-o", folder.resolve("e.cmpr").toString(), "--nonsense"));
    for (List<String> command : commands) {
      String[] args = command.toArray(String[]::new);
      CommandLine line = Compress.commandLine(args);
      line.setOut(new PrintWriter(new StringWriter()));
      line.setErr(new PrintWriter(new StringWriter()));
      line.execute(args);
    }
    return Exit.DONE;
  }
}
