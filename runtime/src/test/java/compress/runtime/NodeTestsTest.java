package compress.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import compress.model.FormatException;
import compress.model.Model;
import compress.model.Tensor;
import compress.model.ValueInfo;
import compress.model.onnx.OnnxReader;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;
import org.junit.jupiter.api.Test;

/** Every node test that ONNX publishes is either refused, or gives its answer. */
final class NodeTestsTest {
  private static final String ARCHIVE = "onnx-conformance/onnx-backend-test-data-6be0677fc2.tar.xz";

  /** Node tests that must have been run, not refused, for the test to mean something. */
  private static final int EXPECTED_TO_RUN = 1000;

  private final Map<String, int[]> counts = new TreeMap<>();
  private final Map<String, Integer> reasons = new TreeMap<>();
  private final List<String> failures = new ArrayList<>();

  @Test
  void agreesWithOnnx() throws IOException {
    Optional<Path> archive = TestData.find(ARCHIVE);
    assumeTrue(archive.isPresent(), "the ONNX node tests are not here");
    Map<String, Map<String, byte[]>> tests = read(archive.get());
    tests.forEach(this::run);
    int passed = counts.values().stream().mapToInt(c -> c[0]).sum();
    int refused = counts.values().stream().mapToInt(c -> c[1]).sum();
    String byOp =
        counts.entrySet().stream()
            .map(e -> e.getKey() + " " + e.getValue()[0] + "/" + e.getValue()[1])
            .collect(Collectors.joining(", "));
    System.out.println("ONNX node tests passed/refused: " + byOp);
    reasons.forEach((reason, n) -> System.out.println("  refused " + n + ": " + reason));
    System.out.printf("ONNX node tests: %d passed, %d refused%n", passed, refused);
    assertThat(failures).isEmpty();
    assertThat(passed).isGreaterThanOrEqualTo(EXPECTED_TO_RUN);
  }

  private void run(String name, Map<String, byte[]> files) {
    Path file = Path.of(name, "model.onnx");
    try {
      Model model = OnnxReader.read(file, MemorySegment.ofArray(files.get("model.onnx")));
      String op =
          model.graph().orElseThrow().nodes().stream().findFirst().map(n -> n.op()).orElse("");
      int[] count = counts.computeIfAbsent(op, o -> new int[2]);
      try (Program program = new Program(file, model, Options.threads(1))) {
        for (int set = 0; files.containsKey("test_data_set_" + set + "/output_0.pb"); set++) {
          check(name, program, files, "test_data_set_" + set + "/");
        }
        count[0]++;
      } catch (FormatException e) {
        count[1]++;
        String message = String.valueOf(e.getMessage());
        reasons.merge(message.substring(message.indexOf(": ") + 2), 1, Integer::sum);
      }
    } catch (IOException | RuntimeException | AssertionError e) {
      failures.add(name + ": " + e);
    }
  }

  private static void check(String name, Program program, Map<String, byte[]> files, String folder)
      throws IOException {
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    int i = 0;
    for (ValueInfo input : program.inputs()) {
      byte[] bytes = files.get(folder + "input_" + i++ + ".pb");
      if (bytes == null || input.type().isEmpty()) {
        throw new FormatException(Path.of(name), 0, "an input that is no tensor");
      }
      inputs.put(input.name(), OnnxReader.readTensor(Path.of(name, folder), bytes));
    }
    SequencedMap<String, Tensor> outputs = program.run(inputs);
    i = 0;
    for (Map.Entry<String, Tensor> output : outputs.entrySet()) {
      byte[] bytes = files.get(folder + "output_" + i++ + ".pb");
      if (bytes != null) {
        compare(output.getKey(), OnnxReader.readTensor(Path.of(name), bytes), output.getValue());
      }
    }
  }

  private static void compare(String output, Tensor expected, Tensor actual) {
    if (actual.type() != expected.type() || !actual.shape().equals(expected.shape())) {
      throw new AssertionError(
          "%s is %s %s, not %s %s"
              .formatted(output, actual.type(), actual.shape(), expected.type(), expected.shape()));
    }
    // As ONNX's own runner, a little wider for 16 bits.
    double relative = expected.type().bits() == 16 ? 1e-2 : 1e-3;
    for (long i = 0; i < expected.size(); i++) {
      double e = expected.floatAt(i);
      double a = actual.floatAt(i);
      boolean same = e == a || Double.isNaN(e) && Double.isNaN(a);
      if (!same && !(Math.abs(e - a) <= 1e-5 + relative * Math.abs(e))) {
        throw new AssertionError("%s[%d] is %s, not %s".formatted(output, i, a, e));
      }
    }
  }

  /** The files of each node test, by path inside it. */
  private static Map<String, Map<String, byte[]>> read(Path archive) throws IOException {
    Map<String, Map<String, byte[]>> tests = new TreeMap<>();
    try (InputStream file = new BufferedInputStream(Files.newInputStream(archive));
        TarArchiveInputStream tar =
            new TarArchiveInputStream(
                XZCompressorInputStream.builder().setInputStream(file).get())) {
      for (TarArchiveEntry e = tar.getNextEntry(); e != null; e = tar.getNextEntry()) {
        int node = e.getName().indexOf("node/");
        if (e.isFile() && node >= 0) {
          String path = e.getName().substring(node + "node/".length());
          int slash = path.indexOf('/');
          tests
              .computeIfAbsent(path.substring(0, slash), t -> new TreeMap<>())
              .put(path.substring(slash + 1), tar.readAllBytes());
        }
      }
    }
    return tests;
  }
}
