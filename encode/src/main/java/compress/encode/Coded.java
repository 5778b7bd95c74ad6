package compress.encode;

import java.util.List;

/**
 * A chunk as a coder wrote it.
 *
 * @param streams what the bytes are spent on, in total exactly all of them
 */
record Coded(Coder coder, byte[] bytes, List<Stream> streams) {
  Coded {
    long sum = streams.stream().mapToLong(Stream::bytes).sum();
    if (sum != bytes.length) {
      throw new IllegalArgumentException(
          coder.name() + ": streams of " + sum + " bytes, not " + bytes.length);
    }
  }

  static Coded of(Coder coder, ByteOutput out, Stream... streams) {
    return new Coded(coder, out.toByteArray(), List.of(streams));
  }
}
