package compress.encode;

/**
 * Numbers of a few bits, coded highest bit first, each bit with a probability of its own for each
 * start of the number and each context.
 */
final class Tree {
  private final int bits;
  private final Adaptive nodes;

  Tree(int bits, int contexts) {
    this.bits = bits;
    this.nodes = new Adaptive(contexts << bits, 1023);
  }

  int code(BitCoder coder, int context, int number) {
    int base = context << bits;
    int node = 1;
    for (int b = bits - 1; b >= 0; b--) {
      node = node << 1 | nodes.code(coder, base | node, number >>> b & 1);
    }
    return node - (1 << bits);
  }
}
