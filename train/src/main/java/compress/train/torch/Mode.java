package compress.train.torch;

import java.util.Map;

/**
 * How a program is run.
 *
 * @param training whether {@code Dropout} drops
 * @param batchStatistics whether {@code BatchNormalization} normalizes by the batch and updates the
 *     running values
 * @param dropout by the name of a weight: the share of that layer's inputs that is dropped
 */
record Mode(boolean training, boolean batchStatistics, Map<String, Double> dropout) {
  static final Mode INFERENCE = new Mode(false, false, Map.of());
}
