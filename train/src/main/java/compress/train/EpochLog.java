package compress.train;

/**
 * What one epoch gave.
 *
 * @param epoch counted from 1
 * @param loss the mean over the epoch's training samples
 * @param validation accuracy on the validation part; if that has no labels, the negative of the
 *     guide's loss on it; NaN if there is none
 * @param rate the learning rate of the last step
 */
public record EpochLog(int epoch, double loss, double validation, double rate) {}
