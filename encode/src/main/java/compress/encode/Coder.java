package compress.encode;

import compress.model.FormatException;
import java.util.Optional;

/**
 * A way to write the elements of a chunk in few bytes. The same elements give the same bytes on
 * every machine.
 */
interface Coder {
  /** The number that stands for it in files; never given to another. */
  int id();

  /** As reports have it. */
  String name();

  /**
   * The chunk's elements in this coder's way; empty if they are not of its kind, or plainly better
   * off with another.
   *
   * @param choice for what a coder codes by means of others
   */
  Optional<Coded> encode(Chunk chunk, CoderChoice choice);

  /**
   * Reads what {@link #encode} wrote, to the end of {@code in}. Takes memory and time in proportion
   * to {@code form}, whatever the bytes say.
   *
   * @param elements where to put them: {@code form.bytes()} bytes
   */
  void decode(ByteInput in, Form form, byte[] elements) throws FormatException;
}
