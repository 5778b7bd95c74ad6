package compress.prune.structure;

/**
 * An axis of a value or param.
 *
 * @param value its name in the graph
 * @param number counted from the outermost, from 0
 */
record Axis(String value, int number) {
  @Override
  public String toString() {
    return value + " axis " + number;
  }
}
