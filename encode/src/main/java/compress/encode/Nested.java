package compress.encode;

import compress.model.FormatException;

/** A coded chunk as a part of another: its coder, its length, its bytes. */
final class Nested {
  private Nested() {}

  /**
   * @return the bytes written
   */
  static int write(ByteOutput out, Coded coded) {
    int before = out.size();
    out.writeByte(coded.coder().id());
    out.writeVarint(coded.bytes().length);
    out.write(coded.bytes());
    return out.size() - before;
  }

  /**
   * @param outer who reads it; nothing is nested in itself
   */
  static byte[] read(ByteInput in, Form form, Coder outer) throws FormatException {
    Coder coder = Index.coder(in.readByte(), in);
    if (coder.id() == outer.id()) {
      throw in.failure("'" + outer.name() + "' inside itself");
    }
    ByteInput part = in.slice((int) in.readVarint(in.remaining(), "the length of a part"));
    byte[] elements = new byte[form.bytes()];
    coder.decode(part, form, elements);
    return elements;
  }

  /** All streams of a part as one. */
  static Stream stream(String name, Coded coded, int bytes) {
    double entropy = 0;
    for (Stream s : coded.streams()) {
      entropy += s.entropyBytes();
    }
    Stream first = coded.streams().getFirst();
    return new Stream(
        name, coded.coder().name(), first.symbols(), first.fixedBits(), entropy, bytes);
  }
}
