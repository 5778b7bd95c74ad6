package compress.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs commands in a Java of their own, with the class path and options of the tests. */
final class Java {
  private Java() {}

  /** What to start, up to the arguments of the command. */
  static List<String> command() {
    return new ArrayList<>(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xshare:auto",
            "-XX:+UseSerialGC",
            "-Dstdout.encoding=UTF-8",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "@" + classPathFile(),
            "compress.cli.Compress"));
  }

  /**
   * A file with the class path for the command line: ONNX Runtime 1.29 runs out of stack when that
   * is some thousand letters long.
   */
  private static Path classPathFile() {
    try {
      Path file = Files.createTempFile("class-path", ".txt");
      file.toFile().deleteOnExit();
      String path = System.getProperty("java.class.path").replace("\\", "\\\\");
      return Files.writeString(file, "-cp \"" + path + "\"\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The project's root: the folder with the wrapper of Maven. */
  static Path root() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.exists(folder.resolve("mvnw"))) {
      folder = folder.getParent();
      if (folder == null) {
        throw new IllegalStateException("no folder above this one is the project's root");
      }
    }
    return folder;
  }
}
