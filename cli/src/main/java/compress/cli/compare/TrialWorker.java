package compress.cli.compare;

import compress.cli.Compress;
import compress.cli.Failures;
import compress.cli.Json;
import compress.cli.pipeline.OpenModel;
import compress.cli.pipeline.Pipeline;
import compress.cli.pipeline.RunFlags;
import compress.cli.pipeline.RunReport;
import compress.cli.pipeline.StageRecord;
import compress.cli.recipe.Recipe;
import compress.cli.recipe.RecipeReader;
import compress.encode.Ledger;
import compress.model.AtomicFile;
import compress.train.Progress;
import compress.train.Skip;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * A Java that runs one trial after the other, so that one which takes its process down takes no
 * other along, and so that libtorch's random numbers, of which a process has one stream, are those
 * of a run by itself. Reads an {@link Order} a line from stdin, answers each with a line, and ends
 * when stdin does.
 */
final class TrialWorker {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private @Nullable Examiner examiner;

  private TrialWorker() {}

  public static void main(String[] args) throws InterruptedException {
    PrintStream out = System.out;
    // Libraries may say things; they are no answers.
    System.setOut(System.err);
    BlockingQueue<String> orders = new LinkedBlockingQueue<>();
    Thread.ofPlatform().daemon().start(() -> read(orders));
    TrialWorker worker = new TrialWorker();
    while (true) {
      Order order = JSON.readValue(orders.take(), Order.class);
      Order.Answer answer;
      try {
        worker.follow(order);
        answer = new Order.Answer(null);
      } catch (Exception e) {
        answer = new Order.Answer(Failures.describe(e));
      } catch (OutOfMemoryError e) {
        answer = new Order.Answer(Failures.describe(e));
      }
      out.println(JSON.writeValueAsString(answer));
      out.flush();
    }
  }

  private static void read(BlockingQueue<String> orders) {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    try {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        orders.add(line);
      }
    } catch (IOException e) {
      // As good as the end.
    }
    // Whoever gave the orders has gone; what is half done is nobody's.
    Runtime.getRuntime().halt(1);
  }

  /** Leaves the encoded file, what each sample was answered, and at last the result. */
  private void follow(Order order) throws IOException {
    Path folder = Path.of(order.folder());
    Path output = folder.resolve(StudyFolder.MODEL);
    Recipe recipe = RecipeReader.read(folder.resolve(StudyFolder.RECIPE), List.of());
    recipe.run().setOutput(output);
    RunReport report =
        new Pipeline(recipe, RunFlags.keeping(), Compress.version(), Progress.SILENT)
            .in(Path.of(order.work()))
            .unevaluated()
            .run();
    Path original = Path.of(order.original());
    if (examiner == null) {
      examiner =
          Examiner.of(
              original, recipe, Optional.ofNullable(order.tokens()).map(Path::of), order.random());
    }
    try (OpenModel compressed = OpenModel.open(output);
        OpenModel before = OpenModel.open(original)) {
      Examiner.Answers answers = examiner.ask(compressed);
      AtomicFile.write(
          folder.resolve(StudyFolder.ANSWERS),
          AnswerFile.text(answers.test()).getBytes(StandardCharsets.UTF_8));
      TrialResult result =
          new TrialResult(
              order.trial(),
              order.relative(),
              order.key(),
              report.outputBytes(),
              report.ratio(),
              String.valueOf(report.output().get("sha256")),
              Files.size(compressed.plain()),
              report.parameters(),
              report.nonzero(),
              answers.test().mean(),
              answers.validation().orElse(null),
              report.layers(),
              sums(report.ledger()),
              skipped(report),
              Portrait.of(before.model(), compressed.model()).orElse(null),
              report.stages().stream().mapToDouble(StageRecord::seconds).sum(),
              peakBytes(),
              List.of());
      AtomicFile.write(
          folder.resolve(StudyFolder.RESULT), Json.text(result).getBytes(StandardCharsets.UTF_8));
    }
  }

  private static List<Skip> skipped(RunReport report) {
    return report.stages().stream().flatMap(s -> s.skipped().stream()).toList();
  }

  /** By the last part of the section's name, which says what kind of stream it is. */
  private static List<TrialResult.LedgerSum> sums(List<Ledger> ledger) {
    Map<String, TrialResult.LedgerSum> sums = new LinkedHashMap<>();
    for (Ledger row : ledger) {
      String kind = row.section().substring(row.section().lastIndexOf('/') + 1);
      sums.merge(
          kind + " " + row.coder(),
          new TrialResult.LedgerSum(kind, row.coder(), row.entropyBytes(), row.bytes()),
          (a, b) ->
              new TrialResult.LedgerSum(
                  kind, a.coder(), a.entropyBytes() + b.entropyBytes(), a.bytes() + b.bytes()));
    }
    return new ArrayList<>(sums.values());
  }

  /** The largest resident set so far, or where the system does not say it what Java has taken. */
  private static long peakBytes() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
        if (line.startsWith("VmHWM:")) {
          return Long.parseLong(line.replaceAll("\\D", "")) << 10;
        }
      }
    } catch (IOException e) {
      // Another system.
    }
    return Runtime.getRuntime().totalMemory();
  }
}
