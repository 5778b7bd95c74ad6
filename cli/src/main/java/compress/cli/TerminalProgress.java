package compress.cli;

import compress.train.Progress;
import java.io.PrintWriter;
import java.time.Duration;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarConsumer;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * Work in progress as a bar with the time left, on a line of the terminal that is wiped when the
 * work is over.
 */
final class TerminalProgress implements Progress {
  private static final int WIDTH = 90;
  private static final Duration UPDATE = Duration.ofMillis(250);

  private final PrintWriter terminal;

  TerminalProgress(PrintWriter terminal) {
    this.terminal = terminal;
  }

  /** Whether stderr is a terminal, which the launcher says: Java cannot tell. */
  static boolean isWanted() {
    return Boolean.getBoolean("compress.terminal");
  }

  @Override
  public Task start(String what, long total) {
    return new Bar(what, total);
  }

  private final class Bar implements Task {
    private final ProgressBar bar;

    Bar(String what, long total) {
      bar =
          new ProgressBarBuilder()
              .setTaskName(what)
              .setInitialMax(total)
              .setStyle(ProgressBarStyle.ASCII)
              .setUpdateIntervalMillis((int) UPDATE.toMillis())
              .setConsumer(new Line())
              .build();
    }

    @Override
    public void advance(long n) {
      bar.stepBy(n);
    }

    @Override
    public void note(String text) {
      bar.setExtraMessage(" " + text);
    }

    @Override
    public void close() {
      bar.close();
    }
  }

  private final class Line implements ProgressBarConsumer {
    @Override
    public int getMaxRenderedLength() {
      return WIDTH;
    }

    @Override
    public void accept(String rendered) {
      terminal.print("\r" + rendered);
      terminal.flush();
    }

    @Override
    public void close() {
      terminal.print("\r" + " ".repeat(WIDTH) + "\r");
      terminal.flush();
    }
  }
}
