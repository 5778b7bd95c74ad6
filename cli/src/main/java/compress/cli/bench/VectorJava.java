package compress.cli.bench;

import java.lang.management.ManagementFactory;
import java.lang.module.ModuleFinder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A Java like this one, but with the Vector API. It is an incubating module: to start the command
 * line with it would cost every command its cache of loaded classes, and print a warning.
 */
final class VectorJava {
  private static final String MODULE = "jdk.incubator.vector";

  /** What a Java with that module says when it starts. */
  static final String WARNING = "WARNING: Using incubator modules: " + MODULE;

  private VectorJava() {}

  /** Whether the module is part of this Java. */
  static boolean hasVectors() {
    return ModuleFinder.ofSystem().find(MODULE).isPresent();
  }

  /** What runs {@code main}, with the options and the classes of this Java. */
  static ProcessBuilder of(Class<?> main) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      // The cache holds for the options that it was made with.
      if (!option.startsWith("-XX:AOT") && !option.startsWith("-Xlog:")) {
        command.add(option);
      }
    }
    if (hasVectors()) {
      command.add("--add-modules=" + MODULE);
    }
    // Else it counts what lies outside the heap against the heap's limit, and stops at a multiple.
    command.add("-Dorg.bytedeco.javacpp.maxPhysicalBytes=0");
    // Of what is logged, the line that says it.
    command.add("-Djava.util.logging.SimpleFormatter.format=%5$s%n");
    command.add(main.getName());
    ProcessBuilder builder = new ProcessBuilder(command);
    // Not as an option: ONNX Runtime 1.29 runs out of stack when the command line is some thousand
    // letters long.
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    return builder;
  }
}
