package compress.cli;

import compress.cli.pipeline.OpenModel;
import compress.cli.pipeline.TensorFacts;
import compress.cli.pipeline.Work;
import compress.encode.Container;
import compress.model.Graph;
import compress.model.Mask;
import compress.model.Model;
import compress.model.Param;
import compress.model.ValueInfo;
import compress.model.Weight;
import compress.model.Weights;
import compress.prune.OutputsFirst;
import compress.prune.Patterns;
import compress.prune.SparsityPattern;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code compress inspect}: what is in a model file. */
@Command(
    name = "inspect",
    mixinStandardHelpOptions = true,
    description = {
      "Shows what is in a model file: each tensor, how it is stored, how sparse it is, and what it"
          + " does in the network. Of a .cmpr file also what each tensor takes.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  compress inspect model.onnx",
      "  compress inspect model.cmpr --json | jq '.tensors[] | select(.sparsity > 0.5)'"
    })
final class Inspect implements Callable<Integer> {
  /** Fewer zeros than this are chance. */
  private static final double PRUNED = 0.01;

  @Mixin private Console console;

  @Parameters(paramLabel = "MODEL", description = "ONNX, safetensors or .cmpr file.")
  private Path file;

  @Override
  public Integer call() throws IOException {
    try (OpenModel opened = OpenModel.open(file)) {
      List<Row> rows = rows(opened.model());
      List<Container.TensorInfo> sections =
          opened.format().equals("cmpr") ? Container.open(file).tensors() : List.of();
      Work work = Work.of(opened.model());
      console.print(document(opened, rows, sections, work), text(opened, rows, sections, work));
    }
    return Exit.DONE;
  }

  /** A tensor as this command shows it. */
  private record Row(Param param, @Nullable Weight weight, String role, String node, long nonzero) {
    double sparsity() {
      return param.size() == 0 ? 0 : 1 - (double) nonzero / param.size();
    }

    /** The strictest that its zeros keep to. */
    String pattern() {
      if (sparsity() < PRUNED
          || weight == null
          || !weight.role().isWeight()
          || param.size() > Integer.MAX_VALUE - 8) {
        return sparsity() < PRUNED ? "dense" : "unstructured";
      }
      Mask mask = OutputsFirst.of(weight).view(param.mask());
      return Patterns.shownBy(mask).map(SparsityPattern::name).orElse("dense");
    }
  }

  private static List<Row> rows(Model model) {
    Map<String, Weight> weights =
        Weights.of(model).stream().collect(Collectors.toMap(Weight::name, Function.identity()));
    List<Row> rows = new ArrayList<>();
    for (Param param : model.params().values()) {
      Weight weight = weights.get(param.name());
      rows.add(
          new Row(
              param,
              weight,
              weight == null ? "other" : weight.role().name().toLowerCase(Locale.ROOT),
              weight == null ? "" : weight.node(),
              TensorFacts.nonzero(param.values())));
    }
    return rows;
  }

  private static long nonzero(List<Row> rows) {
    return rows.stream().filter(r -> r.param.type().isFloat()).mapToLong(Row::nonzero).sum();
  }

  private SequencedMap<String, Object> document(
      OpenModel opened, List<Row> rows, List<Container.TensorInfo> sections, Work work)
      throws IOException {
    Model model = opened.model();
    SequencedMap<String, Object> document = new LinkedHashMap<>();
    document.put("file", file.toString());
    document.put("format", opened.format());
    document.put("bytes", opened.bytes());
    document.put("sha256", opened.sha256());
    document.put("parameters", model.parameters());
    document.put("nonzero", nonzero(rows));
    work.describe(document);
    if (model.graph().isPresent()) {
      Graph graph = model.graph().get();
      document.put("opsets", new TreeMap<>(model.opsets()));
      document.put("inputs", graph.inputs().stream().map(Inspect::value).toList());
      document.put("outputs", graph.outputs().stream().map(Inspect::value).toList());
      document.put("ops", ops(graph));
    }
    document.put("metadata", new TreeMap<>(model.metadata()));
    document.put("tensors", rows.stream().map(r -> tensor(r, work)).toList());
    if (!sections.isEmpty()) {
      document.put("sections", sections.stream().map(Inspect::section).toList());
    }
    return document;
  }

  private static Map<String, Object> tensor(Row row, Work work) {
    SequencedMap<String, Object> map = new LinkedHashMap<>();
    map.put("name", row.param.name());
    map.put("shape", row.param.shape().toArray());
    map.put("dtype", row.param.type().safetensorsName());
    map.put("values", TensorFacts.kind(row.param.values()));
    map.put("bits", row.param.values().bits());
    map.put("sparsity", row.sparsity());
    map.put("pattern", row.pattern());
    map.put("nonzero", row.nonzero);
    map.put("role", row.role);
    map.put("node", row.node);
    map.put("macs", work.macs().of(row.param.name()));
    return map;
  }

  private static Map<String, Object> section(Container.TensorInfo info) {
    SequencedMap<String, Object> map = new LinkedHashMap<>();
    map.put("name", info.name());
    map.put("dtype", info.type().safetensorsName());
    map.put("shape", info.shape().toArray());
    map.put("bytes_decoded", info.type().bytesFor(info.shape().size()));
    map.put("bytes", info.bytes());
    return map;
  }

  private static Map<String, Object> value(ValueInfo info) {
    SequencedMap<String, Object> map = new LinkedHashMap<>();
    map.put("name", info.name());
    info.type().ifPresent(t -> map.put("dtype", t.safetensorsName()));
    info.dims()
        .ifPresent(dims ->
            map.put(
                "shape",
                dims.stream().map(d -> d.isPresent() ? (Object) d.getAsLong() : "?").toList()));
    return map;
  }

  /** How many nodes of each operator, the most frequent first. */
  private static SequencedMap<String, Long> ops(Graph graph) {
    Map<String, Long> counts =
        graph.nodes().stream()
            .collect(
                Collectors.groupingBy(
                    n -> n.domain().isEmpty() ? n.op() : n.domain() + "." + n.op(),
                    TreeMap::new,
                    Collectors.counting()));
    return counts.entrySet().stream()
        .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
        .collect(
            Collectors.toMap(
                Map.Entry::getKey, Map.Entry::getValue, (a, b) -> a, LinkedHashMap::new));
  }

  private String text(
      OpenModel opened, List<Row> rows, List<Container.TensorInfo> sections, Work work)
      throws IOException {
    Model model = opened.model();
    StringBuilder text = new StringBuilder();
    text.append("%s  %s, %s".formatted(file, opened.format(), Figures.bytes(opened.bytes())));
    model
        .graph()
        .ifPresent(g ->
            text.append(
                ", opset %d, %s"
                    .formatted(model.opset(), Figures.count(g.nodes().size(), "node"))));
    text.append('\n');
    model
        .graph()
        .ifPresent(graph -> {
          graph.inputs().forEach(i -> text.append("input   ").append(describe(i)).append('\n'));
          graph.outputs().forEach(o -> text.append("output  ").append(describe(o)).append('\n'));
          text.append("ops     ")
              .append(
                  ops(graph).entrySet().stream()
                      .map(e -> e.getKey() + " " + e.getValue())
                      .collect(Collectors.joining(", ")))
              .append('\n');
        });
    text.append('\n').append(table(rows, work));
    long parameters = model.parameters();
    text.append(
        "\n%s in %s, %s not zero\n"
            .formatted(
                Figures.count(parameters, "weight"),
                Figures.count(
                    rows.stream().filter(r -> r.param.type().isFloat()).count(), "tensor"),
                parameters == 0 ? "none" : Figures.percent((double) nonzero(rows) / parameters)));
    if (model.graph().isPresent()) {
      text.append(work).append('\n');
    }
    if (!sections.isEmpty()) {
      text.append('\n').append(sections(sections));
    }
    return text.toString();
  }

  private static String describe(ValueInfo info) {
    String type = info.type().map(t -> " " + t).orElse("");
    String dims =
        info.dims()
            .map(d ->
                d.stream()
                    .map(x -> x.isPresent() ? String.valueOf(x.getAsLong()) : "?")
                    .collect(Collectors.joining(", ", " [", "]")))
            .orElse("");
    return info.name() + type + dims;
  }

  private static Table table(List<Row> rows, Work work) {
    Table table =
        new Table(
            "tensor",
            "shape",
            "type",
            "stored as",
            ">bits",
            ">zeros",
            "pattern",
            "role",
            ">MACs",
            "node");
    for (Row row : rows) {
      table.row(
          row.param.name(),
          Arrays.toString(row.param.shape().toArray()),
          row.param.type(),
          TensorFacts.kind(row.param.values()),
          row.param.values().bits(),
          Figures.percent(row.sparsity()),
          row.pattern(),
          row.role,
          macs(row, work),
          row.node);
    }
    return table;
  }

  private static String macs(Row row, Work work) {
    long macs = work.macs().of(row.param.name());
    return macs == 0 ? "" : Figures.count(macs);
  }

  private static Table sections(List<Container.TensorInfo> sections) {
    Table table = new Table("stored tensor", "type", ">bytes", ">in the file");
    for (Container.TensorInfo info : sections) {
      table.row(
          info.name(),
          info.type(),
          Figures.count(info.type().bytesFor(info.shape().size())),
          Figures.count(info.bytes()));
    }
    return table;
  }
}
