package compress.kernels.measure;

import compress.kernels.KernelCatalog;
import compress.kernels.panama.Probe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The machine that ran a measurement.
 *
 * @param cpu as the processor calls itself
 * @param simdBits of the widest vectors that the fast kernels use; 0 without the Vector API
 * @param cacheBytes of the caches that a core reads through, nearest first
 */
public record Machine(String cpu, int cores, int simdBits, List<Long> cacheBytes, String java) {
  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");
  private static final Path CACHES = Path.of("/sys/devices/system/cpu/cpu0/cache");

  /** What caches are taken to be where the system does not say. */
  private static final List<Long> USUAL_CACHES = List.of(32L << 10, 1L << 20, 32L << 20);

  public static Machine here() {
    return new Machine(
        cpuName(),
        Runtime.getRuntime().availableProcessors(),
        KernelCatalog.hasVectorApi() ? Probe.vectorBits() : 0,
        caches(),
        Runtime.version().toString());
  }

  /** Bytes of the cache farthest from a core. */
  public long lastCacheBytes() {
    return cacheBytes.getLast();
  }

  private static String cpuName() {
    try (var lines = Files.lines(CPU_INFO)) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElseGet(() -> System.getProperty("os.arch"));
    } catch (IOException e) {
      return System.getProperty("os.arch");
    }
  }

  private static List<Long> caches() {
    List<Long> sizes = new ArrayList<>();
    try {
      for (int i = 0; Files.exists(CACHES.resolve("index" + i)); i++) {
        Path cache = CACHES.resolve("index" + i);
        if (!Files.readString(cache.resolve("type")).strip().equals("Instruction")) {
          sizes.add(bytes(Files.readString(cache.resolve("size")).strip()));
        }
      }
    } catch (IOException | NumberFormatException e) {
      return USUAL_CACHES;
    }
    return sizes.isEmpty() ? USUAL_CACHES : List.copyOf(sizes);
  }

  /** {@code 32K}, {@code 1024K}, {@code 32M}. */
  private static long bytes(String size) {
    String upper = size.toUpperCase(Locale.ROOT);
    int shift = upper.endsWith("K") ? 10 : upper.endsWith("M") ? 20 : 0;
    return Long.parseLong(shift == 0 ? upper : upper.substring(0, upper.length() - 1)) << shift;
  }
}
