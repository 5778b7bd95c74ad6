package compress.cli.bench;

import compress.kernels.measure.Machine;
import compress.kernels.measure.Timing;
import compress.runtime.Step;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * How fast a compressed network is beside itself.
 *
 * @param runs one for each number of threads and samples
 * @param remarks what the user should know
 */
public record ModelReport(ModelSweep sweep, List<ModelRun> runs, List<String> remarks) {
  Machine machine() {
    return runs.getFirst().times().values().iterator().next().getFirst().machine();
  }

  /** The document that {@code --json} prints. */
  public Map<String, Object> document() {
    SequencedMap<String, Object> machine = new LinkedHashMap<>();
    machine.put("cpu", machine().cpu());
    machine.put("cores", machine().cores());
    machine.put("simd_bits", machine().simdBits());
    machine.put("java", machine().java());
    SequencedMap<String, Object> document = new LinkedHashMap<>();
    document.put("file", sweep.name());
    sweep.againstName().ifPresent(name -> document.put("against", name));
    document.put("machine", machine);
    document.put("forks", sweep.forks());
    document.put("seed", sweep.seed());
    // Of the first run, for those who ask for one; all of them are in "runs".
    document.putAll(describe(runs.getFirst()));
    document.put("runs", runs.stream().map(ModelReport::describe).toList());
    document.put("remarks", remarks);
    return document;
  }

  private static SequencedMap<String, Object> describe(ModelRun run) {
    SequencedMap<String, Object> map = new LinkedHashMap<>();
    map.put("batch", run.batch());
    map.put("threads", run.threads());
    List<Object> layers = new ArrayList<>();
    if (run.hasBundled()) {
      run.layers().forEach(l -> layers.add(describe(l)));
    }
    map.put("layers", layers);
    SequencedMap<String, Object> ends = new LinkedHashMap<>();
    if (run.hasBundled()) {
      ends.put("dense_ms", run.millis(ModelRun.DENSE));
      put(ends, "", run, ModelRun.COMPRESSED);
      ends.put("speedup", run.speedup());
      ends.put("predicted_speedup", run.predictedSpeedup());
      ends.put("layer_share", run.layerShare());
      ends.put("weight_bytes", run.bytes(ModelRun.COMPRESSED, ModelTimes::weightBytes));
      ends.put("activation_bytes", run.bytes(ModelRun.COMPRESSED, ModelTimes::activationBytes));
      ends.put("peak_bytes", run.bytes(ModelRun.COMPRESSED, ModelTimes::peakBytes));
      ends.put("dense_weight_bytes", run.bytes(ModelRun.DENSE, ModelTimes::weightBytes));
      ends.put("dense_peak_bytes", run.bytes(ModelRun.DENSE, ModelTimes::peakBytes));
    }
    boolean hasDenseFile = run.timing(ModelRun.RIVAL_DENSE).isPresent();
    put(ends, "onnxruntime_", run, hasDenseFile ? ModelRun.RIVAL_DENSE : ModelRun.RIVAL);
    if (hasDenseFile) {
      put(ends, "onnxruntime_compressed_", run, ModelRun.RIVAL);
    }
    map.put("end_to_end", ends);
    return map;
  }

  private static void put(Map<String, Object> map, String prefix, ModelRun run, String way) {
    run.timing(way)
        .ifPresent((Timing timing) -> {
          map.put(prefix + "ms", timing.median());
          map.put(prefix + "min_ms", timing.min());
          map.put(prefix + "max_ms", timing.max());
        });
  }

  private static Map<String, Object> describe(ModelRun.Layer layer) {
    Step.Multiplication p = layer.product();
    SequencedMap<String, Object> map = new LinkedHashMap<>();
    map.put("name", layer.step().name());
    map.put("op", layer.step().op());
    map.put("m", p.m());
    map.put("n", p.n());
    map.put("k", p.k());
    map.put("products", layer.step().products().stream().mapToInt(x -> x.times()).sum());
    map.put("sparsity", p.sparsity());
    map.put("pattern", p.pattern());
    map.put("layout", p.layout());
    map.put("bits", p.bits());
    map.put("kernel", p.kernel());
    map.put("dense_ms", layer.denseMillis());
    map.put("ms", layer.millis());
    map.put("speedup", layer.speedup());
    map.put("dense_alone_ms", layer.denseAlone());
    map.put("alone_ms", layer.alone());
    map.put("roof_share", layer.roofShare());
    return map;
  }
}
