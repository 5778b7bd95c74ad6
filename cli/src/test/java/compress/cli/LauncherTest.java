package compress.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script {@code ./compress}, in a project whose build is a stand-in. */
class LauncherTest {
  @TempDir Path folder;
  private Path home;

  /** A project that has the launcher, and in place of Maven a script that makes a jar. */
  @BeforeEach
  void makeProject() throws Exception {
    home = Files.createDirectories(folder.resolve("a clone"));
    Files.createDirectories(home.resolve(".mvn"));
    Files.createDirectories(home.resolve("cli/target"));
    Files.createDirectories(home.resolve("cli/src/main"));
    Files.writeString(home.resolve("pom.xml"), "<project/>");
    Files.writeString(home.resolve("cli/src/main/Main.java"), "class Main {}");
    Path root = Java.root();
    copyScript(root.resolve("compress"), home.resolve("compress"));
    copyScript(root.resolve(".mvn/find-jdk.sh"), home.resolve(".mvn/find-jdk.sh"));
    Path main = folder.resolve("Main.java");
    Files.writeString(
        main,
        """
        public class Main {
          public static void main(String[] args) {
            if (args.length > 0 && args[0].equals("warm-up")) return;
            System.out.println("ran " + String.join("|", args));
            System.exit(args.length);
          }
        }
        """);
    Path jar = folder.resolve("made.jar");
    String bin = System.getProperty("java.home") + "/bin/";
    run(folder, Map.of(), bin + "javac", "-d", folder + "/classes", main.toString());
    run(
        folder,
        Map.of(),
        bin + "jar",
        "cfe",
        jar.toString(),
        "Main",
        "-C",
        folder + "/classes",
        ".");
    Path wrapper = home.resolve("mvnw");
    Files.writeString(
        wrapper,
        "#!/bin/sh\necho built >>'%s/builds'\ncp '%s' cli/target/compress.jar\n"
            .formatted(folder, jar));
    assertThat(wrapper.toFile().setExecutable(true)).isTrue();
  }

  private static void copyScript(Path from, Path to) throws Exception {
    Files.copy(from, to);
    assertThat(to.toFile().setExecutable(true)).isTrue();
  }

  private record Ended(int code, String out) {}

  private static Ended run(Path in, Map<String, String> environment, String... command)
      throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(in.toFile()).redirectErrorStream(true);
    builder.environment().put("COMPRESS_JAVA_HOME", System.getProperty("java.home"));
    builder.environment().putAll(environment);
    Process process = builder.start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ended(process.waitFor(), out);
  }

  private long builds() throws Exception {
    Path log = folder.resolve("builds");
    return Files.exists(log) ? Files.readAllLines(log).size() : 0;
  }

  @Test
  void buildsOnceAndPassesArgumentsAndCodeThrough() throws Exception {
    String launcher = home.resolve("compress").toString();
    Ended first = run(folder, Map.of(), launcher, "one", "a b");
    assertThat(first.out()).isEqualTo("building compress (first use)…\nran one|a b\n");
    assertThat(first.code()).isEqualTo(2);
    Ended second = run(home, Map.of(), "./compress");
    assertThat(second.out()).isEqualTo("ran \n");
    assertThat(second.code()).isZero();
    Path link = folder.resolve("link");
    Files.createSymbolicLink(link, Path.of("a clone/compress"));
    assertThat(run(folder, Map.of(), "./link", "x").out()).isEqualTo("ran x\n");
    assertThat(builds()).isEqualTo(1);

    Path source = home.resolve("cli/src/main/Main.java");
    // A file system may count whole seconds only.
    assertThat(source.toFile().setLastModified(System.currentTimeMillis() + 2000)).isTrue();
    assertThat(run(folder, Map.of(), launcher).out()).contains("its sources changed", "ran ");
    assertThat(builds()).isEqualTo(2);
  }

  @Test
  void twoAtOnceBuildOnce() throws Exception {
    List<Thread> threads = new ArrayList<>();
    List<String> out = java.util.Collections.synchronizedList(new ArrayList<>());
    for (int i = 0; i < 3; i++) {
      threads.add(
          Thread.ofPlatform()
              .start(() -> {
                try {
                  out.add(run(folder, Map.of(), home + "/compress", "x").out());
                } catch (Exception e) {
                  out.add(e.toString());
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(out).hasSize(3).allMatch(o -> o.endsWith("ran x\n"));
    assertThat(builds()).isEqualTo(1);
  }

  @Test
  void aFailedBuildShowsItsLog() throws Exception {
    Files.writeString(home.resolve("mvnw"), "#!/bin/sh\necho cannot compile\nexit 1\n");
    Ended ended = run(folder, Map.of(), home + "/compress", "--help");
    assertThat(ended.code()).isEqualTo(1);
    assertThat(ended.out()).contains("cannot compile", "the build failed");
    assertThat(home.resolve("target/build.lock")).doesNotExist();
  }

  @Test
  void javaOptionsAreHonoured() throws Exception {
    Ended ended =
        run(folder, Map.of("COMPRESS_JAVA_OPTS", "-XshowSettings:vm -Xmx77m"), home + "/compress");
    assertThat(ended.out()).contains("77.00M");
  }
}
