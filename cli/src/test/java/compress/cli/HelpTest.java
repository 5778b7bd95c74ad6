package compress.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Picocli takes help texts for formats, and complains on stderr where they are none. */
final class HelpTest {
  @TempDir Path folder;

  static Stream<String> commands() {
    return Compress.commandLine().getSubcommands().entrySet().stream()
        .filter(command -> !command.getValue().getCommandSpec().usageMessage().hidden())
        .map(Map.Entry::getKey);
  }

  @ParameterizedTest
  @MethodSource("commands")
  void helpIsSaidAndNothingElse(String name) throws IOException, InterruptedException {
    Path errors = folder.resolve("errors");
    List<String> command = Java.command();
    command.addAll(List.of(name, "--help"));
    Process help = new ProcessBuilder(command).redirectError(errors.toFile()).start();
    String said = new String(help.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(help.waitFor()).isZero();
    assertThat(said).startsWith("Usage: compress " + name).doesNotContain("%%");
    assertThat(Files.readString(errors)).doesNotContain("picocli");
  }
}
