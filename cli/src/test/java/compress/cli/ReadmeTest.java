package compress.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every command in a {@code sh} block of the README works, in the order of the file and in one copy
 * of the samples. A comment {@code # exit code 3} after a command says how it is to end.
 */
class ReadmeTest {
  private static final Pattern BLOCK = Pattern.compile("(?ms)^```sh\\n(.*?)^```");
  private static final Pattern EXIT = Pattern.compile("# exit code (\\d)");

  @TempDir Path folder;

  @Test
  void commandsWork() throws Exception {
    Path readme = Java.root().resolve("README.md");
    assumeTrue(Files.exists(readme), "there is no README.md yet");
    List<String> commands = commands(Files.readString(readme));
    assertThat(commands).as("commands in README.md").isNotEmpty();
    copy(Java.root().resolve("samples"), folder.resolve("samples"));
    launcher();
    for (String command : commands) {
      Matcher exit = EXIT.matcher(command);
      int expected = exit.find() ? Integer.parseInt(exit.group(1)) : 0;
      Path log = folder.resolve("log");
      Process run =
          new ProcessBuilder("sh", "-c", command)
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      boolean ended = run.waitFor(10, TimeUnit.MINUTES);
      assertThat(ended).as("%s ends within 10 minutes", command).isTrue();
      assertThat(run.exitValue()).as("%s\n%s", command, Files.readString(log)).isEqualTo(expected);
    }
  }

  /** Lines that call the launcher, with those that a backslash continues. */
  private static List<String> commands(String readme) {
    List<String> commands = new ArrayList<>();
    Matcher block = BLOCK.matcher(readme);
    while (block.find()) {
      String joined = block.group(1).replaceAll("\\\\\\n\\s*", " ");
      joined
          .lines()
          .map(line -> line.replaceFirst("^\\$ ", ""))
          .filter(line -> line.startsWith("./compress "))
          .forEach(commands::add);
    }
    return commands;
  }

  /** A stand-in for the project's launcher that runs the classes under test. */
  private void launcher() throws IOException {
    Path script = folder.resolve("compress");
    Files.writeString(
        script, "#!/bin/sh\nexec '" + String.join("' '", Java.command()) + "' \"$@\"\n");
    assertThat(script.toFile().setExecutable(true)).isTrue();
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      files.forEach(file -> {
        try {
          Path target = to.resolve(from.relativize(file).toString());
          if (Files.isDirectory(file)) {
            Files.createDirectories(target);
          } else {
            Files.copy(file, target);
          }
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      });
    }
  }
}
