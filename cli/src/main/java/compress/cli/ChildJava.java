package compress.cli;

import java.io.IOException;
import java.io.Reader;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A Java like this one, started for work that is to be apart from it. */
public final class ChildJava {
  private ChildJava() {}

  /**
   * What runs {@code main} with the options and the classes of this Java.
   *
   * @param options more of them, which go before this Java's
   */
  public static ProcessBuilder of(Class<?> main, List<String> options) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      // The cache holds for the options that it was made with.
      if (!option.startsWith("-XX:AOT") && !option.startsWith("-Xlog:")) {
        command.add(option);
      }
    }
    command.addAll(options);
    // Else it counts what lies outside the heap against the heap's limit, and stops at a multiple.
    command.add("-Dorg.bytedeco.javacpp.maxPhysicalBytes=0");
    command.add(main.getName());
    ProcessBuilder builder = new ProcessBuilder(command);
    // Not as an option: ONNX Runtime 1.29 runs out of stack when the command line is some thousand
    // letters long.
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    return builder;
  }

  /**
   * In such a Java: ends it when {@code in} does, so that it does not outlive who started it.
   *
   * @param onLine what to do at the end of each line that comes
   */
  public static void endWith(Reader in, Runnable onLine) {
    Thread.ofPlatform()
        .daemon()
        .start(() -> {
          try {
            for (int c = in.read(); c >= 0; c = in.read()) {
              if (c == '\n') {
                onLine.run();
              }
            }
          } catch (IOException e) {
            // As good as the end.
          }
          Runtime.getRuntime().halt(1);
        });
  }
}
