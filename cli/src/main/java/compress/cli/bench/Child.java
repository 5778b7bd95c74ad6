package compress.cli.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * A Java that does one job: it is given a line of JSON, and answers in lines of JSON. {@link
 * Parent} is what it sees of us.
 */
public final class Child {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private Child() {}

  /** Takes an answer. */
  @FunctionalInterface
  public interface Taker<T> {
    void take(T answer) throws IOException;
  }

  /**
   * Returns when the child has ended.
   *
   * @param java what starts the child, whose class talks to its {@link Parent}
   * @param remarks what it says on stderr, line by line
   * @throws IOException if it does not start or does not end well; the message says what it said
   *     last
   */
  public static <T> void run(
      ProcessBuilder java, Object job, Class<T> type, Taker<T> answers, Consumer<String> remarks)
      throws IOException {
    Process process = java.start();
    try {
      StringBuilder last = new StringBuilder();
      Thread errors = Thread.ofPlatform().daemon().start(() -> readErrors(process, last, remarks));
      // Not closed before the end: the other side ends when it is.
      try (OutputStream to = process.getOutputStream()) {
        to.write((JSON.writeValueAsString(job) + "\n").getBytes(StandardCharsets.UTF_8));
        to.flush();
        readAnswers(process, type, answers);
      }
      int code = process.waitFor();
      errors.join();
      if (code != 0) {
        throw new IOException(
            "the Java that measures ended with code %d%s"
                .formatted(code, last.isEmpty() ? "" : ": " + last));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      process.destroyForcibly();
    }
  }

  private static <T> void readAnswers(Process process, Class<T> type, Taker<T> answers)
      throws IOException {
    BufferedReader in = process.inputReader(StandardCharsets.UTF_8);
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      T answer;
      try {
        answer = JSON.readValue(line, type);
      } catch (JacksonException e) {
        // A library's own print.
        continue;
      }
      answers.take(answer);
    }
  }

  private static void readErrors(Process process, StringBuilder last, Consumer<String> remarks) {
    try (BufferedReader in = process.errorReader(StandardCharsets.UTF_8)) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        if (!line.isBlank() && !line.equals(VectorJava.WARNING)) {
          remarks.accept(line);
          last.setLength(0);
          last.append(line);
        }
      }
    } catch (IOException e) {
      // The process is gone; its code says the rest.
    }
  }
}
