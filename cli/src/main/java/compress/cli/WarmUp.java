package compress.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Loads the classes that most commands need, for the launcher to keep them in a cache. */
@Command(name = "warm-up", hidden = true, description = "Used by the launcher.")
final class WarmUp implements Callable<Integer> {
  @Override
  public Integer call() {
    for (String[] args : new String[][] {{"--help"}, {"inspect", "--help"}, {"--version"}}) {
      CommandLine line = Compress.commandLine();
      line.setOut(new PrintWriter(new StringWriter()));
      line.setErr(new PrintWriter(new StringWriter()));
      line.execute(args);
    }
    return Exit.DONE;
  }
}
