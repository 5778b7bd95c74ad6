package compress.cli.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a {@link Child} sees of the Java that started it: a job to read, and a place for answers.
 */
final class Parent {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final PrintStream out = System.out;
  private final BufferedReader in =
      new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));

  /** Reads the job. From then on, the child ends when its parent does. */
  <T> T job(Class<T> type) throws IOException {
    // Libraries may say things; they are no answers.
    System.setOut(System.err);
    T job = JSON.readValue(in.readLine(), type);
    Thread.ofPlatform().daemon().start(this::waitForTheEnd);
    return job;
  }

  private void waitForTheEnd() {
    try {
      while (in.read() >= 0) {
        // Nothing more is expected.
      }
    } catch (IOException e) {
      // As good as the end.
    }
    Runtime.getRuntime().halt(1);
  }

  void answer(Object answer) {
    out.println(JSON.writeValueAsString(answer));
    out.flush();
  }

  /** Ends the child well, whatever threads are left. */
  void goodbye() {
    out.flush();
    Runtime.getRuntime().halt(0);
  }
}
