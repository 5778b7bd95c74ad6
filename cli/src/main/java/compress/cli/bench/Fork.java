package compress.cli.bench;

import compress.kernels.Workers;
import compress.kernels.measure.Bench;
import compress.kernels.measure.Case;
import compress.kernels.measure.Machine;
import compress.kernels.measure.Roof;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** A virtual machine that measures a sweep, and tells each {@link Message} as it comes. */
final class Fork {
  private final Parent parent = new Parent();

  public static void main(String[] args) throws IOException {
    Fork fork = new Fork();
    Sweep sweep = fork.parent.job(Sweep.class);
    try {
      fork.run(sweep);
    } catch (IllegalArgumentException | IllegalStateException e) {
      fork.say(Message.failure(String.valueOf(e.getMessage())));
    } catch (OutOfMemoryError e) {
      fork.say(Message.failure("out of memory: " + e.getMessage()));
    }
    fork.parent.goodbye();
  }

  private void say(Message message) {
    parent.answer(message);
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
