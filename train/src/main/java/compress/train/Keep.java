package compress.train;

/** Which epoch's params a training ends with. */
public enum Keep {
  /** Those with the best accuracy on the validation part; of equals the earliest. */
  BEST,
  /** Those of the last epoch. */
  LAST
}
