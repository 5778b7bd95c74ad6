package compress.cli.bench;

import compress.kernels.Workers;
import compress.kernels.measure.Bench;
import compress.kernels.measure.Case;
import compress.kernels.measure.Machine;
import compress.kernels.measure.Roof;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.json.JsonMapper;

/**
 * A virtual machine that measures a sweep: reads it as one line from stdin, and prints a line for
 * each {@link Message}. Ends when stdin does, so that it does not outlive who started it.
 */
final class Fork {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final PrintStream out;

  private Fork(PrintStream out) {
    this.out = out;
  }

  public static void main(String[] args) throws IOException {
    Fork fork = new Fork(System.out);
    // Libraries may say things; they are no messages.
    System.setOut(System.err);
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    Sweep sweep = JSON.readValue(in.readLine(), Sweep.class);
    Thread.ofPlatform()
        .daemon()
        .start(() -> {
          try {
            while (in.read() >= 0) {
              // Nothing more is expected.
            }
          } catch (IOException e) {
            // As good as the end.
          }
          Runtime.getRuntime().halt(1);
        });
    try {
      fork.run(sweep);
    } catch (IllegalArgumentException | IllegalStateException e) {
      fork.say(Message.failure(String.valueOf(e.getMessage())));
    } catch (OutOfMemoryError e) {
      fork.say(Message.failure("out of memory: " + e.getMessage()));
    }
    fork.out.flush();
    Runtime.getRuntime().halt(0);
  }

  private void say(Message message) {
    out.println(JSON.writeValueAsString(message));
    out.flush();
  }

  private void run(Sweep sweep) {
    Machine machine = Machine.here();
    say(Message.of(machine));
    Set<String> said = new LinkedHashSet<>();
    for (int threads : sweep.threads()) {
      long start = System.nanoTime();
      double budget = sweep.budgetSeconds() * 1e9 / sweep.threads().size();
      try (Workers workers = new Workers(threads)) {
        say(Message.of(Roof.measure(machine, workers, sweep.plan())));
        Bench bench = new Bench(machine, workers, sweep.plan(), sweep.seed());
        List<Case> baselines = sweep.baselines();
        for (Case c : baselines) {
          say(
              Message.of(
                  bench.rivals(
                      c,
                      Rivals.of(sweep.rivals()),
                      text -> {
                        if (said.add(text)) {
                          say(Message.remark(text));
                        }
                      })));
          // Our dense kernel is in every table: others are compared with it.
          if (!sweep.cases().contains(c)) {
            say(new Message(null, null, bench.kernels(c), null, null, false));
          }
        }
        int done = 0;
        for (Case c : sweep.cases()) {
          if (budget > 0 && System.nanoTime() - start > budget) {
            say(
                Message.remark(
                    "%d threads: the time was over after %d of %d cases; give more for more"
                        .formatted(threads, done, sweep.cases().size())));
            break;
          }
          say(Message.of(bench.kernels(c)));
          done++;
        }
      }
    }
  }
}
