package compress.cli.compare;

import compress.model.Codebook;
import compress.model.Model;
import compress.model.Param;
import compress.model.Weight;
import compress.model.Weights;
import compress.prune.OutputsFirst;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import javax.imageio.ImageIO;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * One layer, the largest, before and after: where weights are left, and how large they are.
 *
 * @param rows outputs of the layer afterwards
 * @param columns weights of an output
 * @param shownRows of them in the picture, from the first
 * @param shownColumns likewise
 * @param png the picture in base 64, a pixel for each weight; transparent where it is zero
 * @param reach the histograms go from {@code -reach} to {@code reach}
 * @param before how many weights the original had in each of equally wide bins
 * @param after how many weights that are not zero are there now
 * @param codebook the values that weights share, in ascending order; empty if they share none
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record Portrait(
    String layer,
    int rows,
    int columns,
    int shownRows,
    int shownColumns,
    String png,
    double reach,
    List<Long> before,
    List<Long> after,
    List<Double> codebook) {
  private static final int MOST_ROWS = 64;
  private static final int MOST_COLUMNS = 96;
  private static final int BINS = 61;

  /** Of the largest weight that both models have; empty if they have none. */
  static Optional<Portrait> of(Model original, Model changed) {
    List<Weight> was = weights(original);
    List<Weight> is = weights(changed);
    return was.stream()
        .max(Comparator.comparingLong(w -> w.param().size()))
        .flatMap(w ->
            is.stream()
                .filter(c -> c.name().equals(w.name()))
                .findFirst()
                .map(c -> of(w.param(), c)));
  }

  private static List<Weight> weights(Model model) {
    return Weights.of(model).stream()
        .filter(w -> w.role().isWeight() && w.param().shape().rank() >= 2 && w.param().size() > 0)
        .toList();
  }

  private static Portrait of(Param original, Weight changed) {
    float[] was = original.values().toFloats();
    OutputsFirst order = OutputsFirst.of(changed);
    float[] is = order.view(changed.param().values().toFloats());
    int rows = Math.toIntExact(order.shape().dim(0));
    int columns = is.length / rows;
    double reach = reach(was);
    int shownRows = Math.min(rows, MOST_ROWS);
    int shownColumns = Math.min(columns, MOST_COLUMNS);
    return new Portrait(
        changed.name(),
        rows,
        columns,
        shownRows,
        shownColumns,
        png(is, columns, shownRows, shownColumns),
        reach,
        histogram(was, reach, true),
        histogram(is, reach, false),
        codebook(changed.param()));
  }

  private static double reach(float[] values) {
    double reach = 0;
    for (float v : values) {
      reach = Math.max(reach, Math.abs(v));
    }
    return reach == 0 ? 1 : reach;
  }

  private static List<Long> histogram(float[] values, double reach, boolean zeros) {
    long[] counts = new long[BINS];
    for (float v : values) {
      if (v != 0 || zeros) {
        // Training may take a weight beyond the original's largest: it counts as that.
        int bin = (int) Math.floor((v / reach + 1) / 2 * BINS);
        counts[Math.clamp(bin, 0, BINS - 1)]++;
      }
    }
    List<Long> list = new ArrayList<>();
    for (long c : counts) {
      list.add(c);
    }
    return list;
  }

  private static List<Double> codebook(Param param) {
    List<Double> shared = new ArrayList<>();
    if (param.values() instanceof Codebook c) {
      for (float v : c.codebook().toFloats()) {
        shared.add((double) v);
      }
      shared.sort(Comparator.naturalOrder());
    }
    return shared;
  }

  private static String png(float[] values, int columns, int rows, int shown) {
    // Of two colours: nothing, and a blue that is seen on white and on black.
    byte[] red = {0, 0x3b};
    byte[] green = {0, (byte) 0x82};
    byte[] blue = {0, (byte) 0xd6};
    byte[] alpha = {0, (byte) 0xff};
    BufferedImage image =
        new BufferedImage(
            shown,
            rows,
            BufferedImage.TYPE_BYTE_BINARY,
            new IndexColorModel(1, 2, red, green, blue, alpha));
    for (int y = 0; y < rows; y++) {
      for (int x = 0; x < shown; x++) {
        image.getRaster().setSample(x, y, 0, values[y * columns + x] == 0 ? 0 : 1);
      }
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      ImageIO.setUseCache(false);
      ImageIO.write(image, "png", bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Base64.getEncoder().encodeToString(bytes.toByteArray());
  }
}
