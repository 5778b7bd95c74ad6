package compress.train.data;

import java.util.Arrays;

/** What a network is to answer: of each sample a share for each class. */
public final class Targets {
  private Targets() {}

  /**
   * Row by row, {@code [samples, classes]}: all at the sample's label, or a little at each class,
   * or of mixed samples the mixture; 0 everywhere where the label is not known.
   *
   * @param labelSmoothing the share that is spread over all classes, from 0
   */
  public static float[] of(DataSet data, Draw draw, int classes, double labelSmoothing) {
    float[] targets = new float[draw.size() * classes];
    for (int i = 0; i < draw.size(); i++) {
      int sample = draw.samples()[i];
      if (data.hasLabel(sample)) {
        int row = i * classes;
        Arrays.fill(targets, row, row + classes, (float) (labelSmoothing / classes));
        targets[row + data.label(sample)] += (float) (1 - labelSmoothing);
      }
    }
    draw.mixing().ifPresent(mixing -> mixing.apply(targets));
    return targets;
  }
}
