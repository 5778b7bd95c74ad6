package compress.cli.bench;

import compress.kernels.measure.Machine;
import compress.kernels.measure.Result;
import compress.kernels.measure.Roof;
import compress.kernels.measure.Timing;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * What a sweep found.
 *
 * @param roofs one for each number of threads
 * @param results those of the same sizes together
 * @param remarks what the user should know
 * @param forks how many virtual machines measured each of them
 */
public record KernelReport(
    Machine machine,
    List<Roof> roofs,
    List<Result> results,
    List<String> remarks,
    int forks,
    Timing.Plan plan,
    long seed) {

  /** The document that {@code --json} prints. */
  public Map<String, Object> document() {
    Roof widest = roofs.stream().max(Comparator.comparingInt(Roof::threads)).orElseThrow();
    SequencedMap<String, Object> machineMap = new LinkedHashMap<>();
    machineMap.put("cpu", machine.cpu());
    machineMap.put("cores", machine.cores());
    machineMap.put("simd_bits", machine.simdBits());
    machineMap.put("peak_gflops", widest.peakGflops());
    machineMap.put("read_gbs", widest.levels().getLast().readGbs());
    machineMap.put("java", machine.java());
    machineMap.put("roofs", roofs.stream().map(KernelReport::describe).toList());
    SequencedMap<String, Object> document = new LinkedHashMap<>();
    document.put("machine", machineMap);
    document.put("forks", forks);
    document.put("min_samples", plan.samples());
    document.put("seed", seed);
    document.put("results", results);
    document.put("remarks", remarks);
    return document;
  }

  private static Map<String, Object> describe(Roof roof) {
    SequencedMap<String, Object> map = new LinkedHashMap<>();
    map.put("threads", roof.threads());
    map.put("peak_gflops", roof.peakGflops());
    SequencedMap<String, Object> levels = new LinkedHashMap<>();
    roof.levels().forEach(l -> levels.put(l.name(), l.readGbs()));
    map.put("read_gbs", levels);
    return map;
  }
}
