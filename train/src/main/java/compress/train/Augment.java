package compress.train;

/**
 * Random changes of training images. What happens to a sample depends on the seed, the epoch and
 * the sample alone, so the same run gives the same images. Pixels from outside are 0.
 *
 * @param shift at most this many pixels along each axis, uniform
 * @param flip mirrored left to right with probability one half
 * @param rotate at most this many degrees either way, uniform
 * @param scale at most this share larger or smaller, uniform: 0.1 is 0.9 to 1.1
 * @param elastic strength of a smooth random displacement, in pixels; 0 for none
 * @param mixup the parameter of the Beta distribution that says how samples of a batch are mixed
 *     with each other, labels included ({@link compress.train.data.Mixing}); 0 for not at all
 * @see <a href="https://doi.org/10.1109/ICDAR.2003.1227801">Simard et al. 2003</a>, elastic
 *     distortions
 */
public record Augment(
    double shift, boolean flip, double rotate, double scale, double elastic, double mixup) {
  public static final Augment NONE = new Augment(0, false, 0, 0, 0, 0);

  public Augment {
    if (!(shift >= 0 && rotate >= 0 && scale >= 0 && scale < 1 && elastic >= 0 && mixup >= 0)) {
      throw new IllegalArgumentException(
          "shift, rotate, elastic and mixup must not be negative, and scale must be from 0 to below"
              + " 1: %s, %s, %s, %s, %s".formatted(shift, rotate, elastic, mixup, scale));
    }
  }

  /** The same without mixup. */
  public Augment(double shift, boolean flip, double rotate, double scale, double elastic) {
    this(shift, flip, rotate, scale, elastic, 0);
  }

  public Augment withMixup(double to) {
    return new Augment(shift, flip, rotate, scale, elastic, to);
  }

  /** Whether single samples change, mixing aside. */
  public boolean changes() {
    return shift > 0 || flip || warps();
  }

  /** Whether pixels have to be interpolated: anything but whole shifts and flips. */
  public boolean warps() {
    return rotate > 0 || scale > 0 || elastic > 0;
  }
}
