package compress.encode;

import compress.model.FormatException;
import java.util.List;
import java.util.Optional;

/** The elements as they are. */
final class Stored implements Coder {
  @Override
  public int id() {
    return 0;
  }

  @Override
  public String name() {
    return "stored";
  }

  @Override
  public Optional<Coded> encode(Chunk chunk, CoderChoice choice) {
    int bytes = chunk.bytes().length;
    Form form = chunk.form();
    return Optional.of(
        new Coded(
            this,
            chunk.bytes(),
            List.of(
                new Stream("values", name(), form.elements(), form.type().bits(), bytes, bytes))));
  }

  @Override
  public void decode(ByteInput in, Form form, byte[] elements) throws FormatException {
    System.arraycopy(in.read(elements.length), 0, elements, 0, elements.length);
    in.expectEnd();
  }
}
