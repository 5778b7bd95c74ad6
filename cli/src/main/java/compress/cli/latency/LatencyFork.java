package compress.cli.latency;

import compress.cli.ChildJava;
import compress.kernels.measure.Timing;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import tools.jackson.databind.json.JsonMapper;

/**
 * A virtual machine that times networks: reads a {@link LatencyOrder} as one line from stdin, and
 * prints a {@link LatencyMessage} for each round. Networks take turns, so that what else the
 * machine does for a while does not fall on one of them alone.
 */
final class LatencyFork {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private LatencyFork() {}

  public static void main(String[] args) throws IOException {
    PrintStream out = System.out;
    // Libraries may say things; they are no messages.
    System.setOut(System.err);
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    LatencyOrder order = JSON.readValue(in.readLine(), LatencyOrder.class);
    ChildJava.endWith(in);
    Set<String> refused = new HashSet<>();
    for (int round = 0; round < order.rounds(); round++) {
      for (int file = 0; file < order.files().size(); file++) {
        for (NetworkRuntime runtime : NetworkRuntimes.ALL) {
          if (!refused.contains(runtime.name() + file)) {
            LatencyMessage message = measure(order, file, runtime);
            if (message.millis() == null) {
              refused.add(runtime.name() + file);
            }
            out.println(JSON.writeValueAsString(message));
            out.flush();
          }
        }
      }
    }
    Runtime.getRuntime().halt(0);
  }

  private static LatencyMessage measure(LatencyOrder order, int file, NetworkRuntime runtime) {
    Path path = Path.of(order.files().get(file));
    try (NetworkRuntime.Loaded network = runtime.load(path, order.batch(), order.threads())) {
      Timing timing =
          Timing.of(
              i -> {
                try {
                  network.run();
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              },
              order.plan());
      return new LatencyMessage(file, runtime.name(), timing.millis(), null);
    } catch (IOException | RuntimeException e) {
      return new LatencyMessage(file, runtime.name(), null, String.valueOf(e.getMessage()));
    }
  }
}
