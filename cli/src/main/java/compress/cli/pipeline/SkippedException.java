package compress.cli.pipeline;

import compress.train.Skip;
import java.util.List;
import java.util.stream.Collectors;

/** A stage skipped something, and {@code --strict} was said. */
public final class SkippedException extends RuntimeException {
  SkippedException(String stage, List<Skip> skipped) {
    super(
        skipped.stream()
            .map(s -> stage + " skipped " + s.name() + ": " + s.reason())
            .collect(Collectors.joining("\n")));
  }
}
