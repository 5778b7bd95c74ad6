package compress.encode;

/**
 * One kind of fact in a coded chunk: which entries are kept, which values they have.
 *
 * @param name {@code gaps}, {@code mask}, {@code values}, ...
 * @param symbols how many were coded
 * @param fixedBits what a symbol takes before entropy coding
 * @param entropyBytes the bound for a code that knows nothing but the symbols' frequencies
 * @param bytes what it takes, tables included
 */
public record Stream(
    String name, String coder, long symbols, int fixedBits, double entropyBytes, long bytes) {}
