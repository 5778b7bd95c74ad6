package compress.cli.bench;

import compress.cli.ChildJava;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Semaphore;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a {@link Child} sees of the Java that started it: a job to read, and a place for answers.
 */
public final class Parent {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final PrintStream out = System.out;
  private final BufferedReader in =
      new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
  private final Semaphore turns = new Semaphore(0);

  /** Reads the job. From then on, the child ends when its parent does. */
  public <T> T job(Class<T> type) throws IOException {
    // Libraries may say things; they are no answers.
    System.setOut(System.err);
    T job = JSON.readValue(in.readLine(), type);
    ChildJava.endWith(in, turns::release);
    return job;
  }

  public void answer(Object answer) {
    out.println(JSON.writeValueAsString(answer));
    out.flush();
  }

  /** Waits until it is this child's turn. */
  void awaitTurn() {
    turns.acquireUninterruptibly();
  }

  /** Ends the child well, whatever threads are left. */
  public void goodbye() {
    out.flush();
    Runtime.getRuntime().halt(0);
  }
}
