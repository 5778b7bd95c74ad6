package compress.cli.pipeline;

import compress.encode.EncodeReport;
import compress.encode.EncodeReport.TensorReport;
import compress.encode.Stream;
import compress.model.Model;
import compress.model.Param;
import compress.model.Weight;
import compress.model.Weights;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What became of a layer, in the columns of Han, Mao and Dally 2016, table 2.
 *
 * @param layer the name of its weight; {@code rest} for all else in the file, and {@code total}
 * @param weights entries in all
 * @param kept entries that are not zero
 * @param weightBits of an entry that is kept, before entropy coding
 * @param weightBitsCoded the same after it, NaN if nothing was kept
 * @param indexBits of the place of an entry that is kept, before entropy coding; 0 if none is
 *     written
 * @param indexBitsCoded the same after it
 * @param bytes in the file, codebook included
 */
public record LayerRow(
    String layer,
    long weights,
    long kept,
    double weightBits,
    double weightBitsCoded,
    double indexBits,
    double indexBitsCoded,
    long bytes) {
  /** The streams that say where entries are; any other says what they are. */
  private static final Set<String> PLACES = Set.of("gaps", "mask");

  static final String REST = "rest";
  static final String TOTAL = "total";

  /** The share of four bytes a weight that is left. */
  public double compressed() {
    return weights == 0 ? Double.NaN : bytes / (4.0 * weights);
  }

  /** One row for each weight, then what is not of one, then the whole file. */
  static List<LayerRow> of(Model model, EncodeReport report) {
    List<LayerRow> rows = new ArrayList<>();
    long weights = 0;
    long kept = 0;
    for (Weight weight : Weights.of(model)) {
      weights += weight.param().size();
      long nonzero = TensorFacts.nonzero(weight.param().values());
      kept += nonzero;
      if (weight.role().isWeight()) {
        rows.add(row(weight.param(), nonzero, parts(model, weight.param(), report)));
      }
    }
    long inRows = rows.stream().mapToLong(LayerRow::bytes).sum();
    long weightsInRows = rows.stream().mapToLong(LayerRow::weights).sum();
    long keptInRows = rows.stream().mapToLong(LayerRow::kept).sum();
    rows.add(rest(REST, weights - weightsInRows, kept - keptInRows, report.bytes() - inRows));
    rows.add(rest(TOTAL, weights, kept, report.bytes()));
    return rows;
  }

  private static LayerRow rest(String name, long weights, long kept, long bytes) {
    return new LayerRow(name, weights, kept, Double.NaN, Double.NaN, Double.NaN, Double.NaN, bytes);
  }

  /** The tensors of the file that {@code param} is stored in: itself, or its table and indices. */
  private static List<TensorReport> parts(Model model, Param param, EncodeReport report) {
    return report.tensors().stream()
        .filter(t ->
            t.name().equals(param.name())
                || t.name().startsWith(param.name() + ".") && !model.params().containsKey(t.name()))
        .toList();
  }

  private static LayerRow row(Param param, long nonzero, List<TensorReport> parts) {
    double places = 0;
    double placeBits = 0;
    double values = 0;
    long bytes = 0;
    for (TensorReport part : parts) {
      bytes += part.bytes();
      // The table of a codebook is a cost of its own, no part of what an entry takes.
      if (part.shape().size() == param.size()) {
        for (Stream stream : part.streams()) {
          if (PLACES.contains(stream.name())) {
            places += stream.bytes();
            placeBits += (double) stream.symbols() * stream.fixedBits();
          } else {
            values += stream.bytes();
          }
        }
      }
    }
    return new LayerRow(
        param.name(),
        param.size(),
        nonzero,
        param.values().bits(),
        8 * values / nonzero,
        placeBits / nonzero,
        8 * places / nonzero,
        bytes);
  }
}
