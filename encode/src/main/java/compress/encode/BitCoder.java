package compress.encode;

/**
 * Writes or reads bits of which it is told how probable they are. Models are written against this,
 * so that one piece of code both encodes and decodes and the two cannot drift apart.
 */
interface BitCoder {
  /**
   * @param bit what to write; a reader ignores it
   * @param probabilityOfOne in units of 2^-16, from 1 to 65,535
   * @return the bit written or read
   */
  int code(int bit, int probabilityOfOne);
}
