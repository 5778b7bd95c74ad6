package compress.cli.latency;

import compress.cli.bench.Parent;
import compress.kernels.measure.Timing;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/**
 * A virtual machine that times networks: is given a {@link LatencyOrder}, and answers with a {@link
 * LatencyMessage} for each round. Networks take turns, so that what else the machine does for a
 * while does not fall on one of them alone.
 */
final class LatencyFork {
  private LatencyFork() {}

  public static void main(String[] args) throws IOException {
    Parent parent = new Parent();
    LatencyOrder order = parent.job(LatencyOrder.class);
    Set<String> refused = new HashSet<>();
    for (int round = 0; round < order.rounds(); round++) {
      for (int file = 0; file < order.files().size(); file++) {
        for (NetworkRuntime runtime : NetworkRuntimes.ALL) {
          if (!refused.contains(runtime.name() + file)) {
            LatencyMessage message = measure(order, file, runtime);
            if (message.millis() == null) {
              refused.add(runtime.name() + file);
            }
            parent.answer(message);
          }
        }
      }
    }
    parent.goodbye();
  }

  private static LatencyMessage measure(LatencyOrder order, int file, NetworkRuntime runtime) {
    Path path = Path.of(order.files().get(file));
    try (NetworkRuntime.Loaded network = runtime.load(path, order.batch(), order.threads())) {
      Timing timing =
          Timing.ofCompiled(
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
