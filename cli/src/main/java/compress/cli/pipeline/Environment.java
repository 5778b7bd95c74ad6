package compress.cli.pipeline;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/** The machine and the versions that a result comes from, for reports. */
public final class Environment {
  private Environment() {}

  public static SequencedMap<String, Object> machine() {
    SequencedMap<String, Object> map = new LinkedHashMap<>();
    map.put("cpu", cpu());
    map.put("processors", Runtime.getRuntime().availableProcessors());
    map.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    map.put("arch", System.getProperty("os.arch"));
    return map;
  }

  private static String cpu() {
    try {
      return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse("unknown");
    } catch (IOException e) {
      return "unknown";
    }
  }

  public static SequencedMap<String, Object> versions(String compress) {
    SequencedMap<String, Object> map = new LinkedHashMap<>();
    map.put("compress", compress);
    map.put("java", Runtime.version().toString());
    return map;
  }
}
