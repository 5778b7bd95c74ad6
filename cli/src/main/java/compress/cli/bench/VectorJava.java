package compress.cli.bench;

import compress.cli.ChildJava;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.lang.module.ModuleFinder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A Java like this one, but with the Vector API. It is an incubating module: to start the command
 * line with it would cost every command its cache of loaded classes, and print a warning.
 */
public final class VectorJava {
  private static final String MODULE = "jdk.incubator.vector";

  /** What a Java with that module says when it starts. */
  static final String WARNING = "WARNING: Using incubator modules: " + MODULE;

  private VectorJava() {}

  /** Whether the module is part of this Java. */
  public static boolean hasVectors() {
    return ModuleFinder.ofSystem().find(MODULE).isPresent();
  }

  /** What runs {@code main}, with the options and the classes of this Java. */
  public static ProcessBuilder of(Class<?> main) {
    List<String> options = new ArrayList<>();
    if (hasVectors()) {
      options.add("--add-modules=" + MODULE);
    }
    // Of what is logged, the line that says it.
    options.add("-Djava.util.logging.SimpleFormatter.format=%5$s%n");
    return ChildJava.of(main, options);
  }

  /**
   * The same for whole networks that soon answer, without HotSpot's first compiler. That one gives
   * up on some long loops over vectors ("out of virtual registers"), and they may then stay
   * uncompiled for good: a hundred times slower. Measurements that warm up until nothing is
   * compiled any more do without: what is compiled late runs in the interpreter meanwhile.
   */
  public static ProcessBuilder forNetworks(Class<?> main) {
    ProcessBuilder builder = of(main);
    builder.command().add(1, "-XX:CompilationMode=high-only");
    return builder;
  }

  /**
   * Runs a command anew in a Java that has vectors, and passes on what it says.
   *
   * @return its exit code
   */
  public static int again(Class<?> main, List<String> args, PrintWriter out, PrintWriter err) {
    ProcessBuilder builder = forNetworks(main);
    builder.command().addAll(args);
    try {
      Process process = builder.start();
      try {
        process.getOutputStream().close();
        Thread errors =
            Thread.ofPlatform()
                .daemon()
                .start(() -> pass(process.errorReader(StandardCharsets.UTF_8), err));
        pass(process.inputReader(StandardCharsets.UTF_8), out);
        int code = process.waitFor();
        errors.join();
        return code;
      } finally {
        process.destroyForcibly();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("starting a Java with vectors", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** Character by character, since progress has no ends of lines; but for the warning. */
  private static void pass(BufferedReader from, PrintWriter to) {
    try {
      StringBuilder start = new StringBuilder();
      boolean first = true;
      for (int c = from.read(); c >= 0; c = from.read()) {
        if (first) {
          start.append((char) c);
          boolean warning = start.toString().equals(WARNING + System.lineSeparator());
          if (warning) {
            start.setLength(0);
          }
          first = warning || (WARNING + System.lineSeparator()).startsWith(start.toString());
          if (!first) {
            to.print(start);
          }
        } else {
          to.print((char) c);
        }
        if (!from.ready()) {
          to.flush();
        }
      }
      to.flush();
    } catch (IOException e) {
      // The process is gone; its code says the rest.
    }
  }
}
