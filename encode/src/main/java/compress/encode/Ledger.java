package compress.encode;

/**
 * What some bytes of a container are spent on; all rows together are the whole file.
 *
 * @param section {@code header}, {@code index}, {@code skeleton}, {@code TENSOR/STREAM} as in
 *     {@code ip1.weight/gaps}, or {@code footer}
 * @param entropyBytes the bound for a code that knows nothing but the frequencies of the symbols; a
 *     coder that also looks at their neighbours may take less
 */
public record Ledger(String section, String coder, long symbols, double entropyBytes, long bytes) {}
