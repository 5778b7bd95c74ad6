package compress.model;

/**
 * The 32-bit hash xxHash of a key of four bytes, which an integer is with its lowest byte first.
 *
 * @see <a href="https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md">xxHash fast digest
 *     algorithm</a>, XXH32
 */
public final class XxHash32 {
  public static final int PRIME_2 = 0x85EBCA77;
  public static final int PRIME_3 = 0xC2B2AE3D;
  public static final int PRIME_4 = 0x27D4EB2F;
  public static final int PRIME_5 = 0x165667B1;

  private XxHash32() {}

  /** The state before the key: the seed, a prime and the key's length. */
  public static int start(int seed) {
    return seed + PRIME_5 + Integer.BYTES;
  }

  public static int of(int key, int seed) {
    int h = start(seed) + key * PRIME_3;
    h = Integer.rotateLeft(h, 17) * PRIME_4;
    h = (h ^ h >>> 15) * PRIME_2;
    h = (h ^ h >>> 13) * PRIME_3;
    return h ^ h >>> 16;
  }
}
