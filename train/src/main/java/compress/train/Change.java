package compress.train;

/**
 * What a stage did to one tensor.
 *
 * @param what in a few words: {@code pruned to 8 %}
 * @param weights entries in all
 * @param bits an entry takes now, before entropy coding
 */
public record Change(
    String name, String what, long weights, long nonzeroBefore, long nonzeroAfter, int bits) {}
