package compress.encode;

import compress.model.DType;
import compress.model.FormatException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Wide elements many of which are 0: which are not as a matrix of ones and zeros, and those that
 * are not as a vector, each coded by the coder that makes it smallest.
 */
final class SparseCoder implements Coder {
  @Override
  public int id() {
    return 6;
  }

  @Override
  public String name() {
    return "sparse";
  }

  @Override
  public Optional<Coded> encode(Chunk chunk, CoderChoice choice) {
    Form form = chunk.form();
    int kept = (int) chunk.nonzero();
    if (!fits(form) || kept == 0 || kept > 0.95 * form.elements()) {
      return Optional.empty();
    }
    int width = form.type().bits() / 8;
    byte[] mask = new byte[form.elements()];
    byte[] values = new byte[kept * width];
    int next = 0;
    for (int i = 0; i < mask.length; i++) {
      if (isKept(chunk.bytes(), i * width, width)) {
        mask[i] = 1;
        System.arraycopy(chunk.bytes(), i * width, values, next, width);
        next += width;
      }
    }
    Coded codedMask = Coders.smallestOfNumbers(new Chunk(maskForm(form), mask), choice);
    Coded codedValues =
        Coders.smallestOfNumbers(new Chunk(Form.vector(form.type(), kept), values), choice);
    ByteOutput out = new ByteOutput();
    int maskBytes = Nested.write(out, codedMask);
    out.writeVarint(kept);
    Nested.write(out, codedValues);
    List<Stream> streams = new ArrayList<>();
    streams.add(Nested.stream("mask", codedMask, maskBytes));
    streams.add(Nested.stream("values", codedValues, out.size() - maskBytes));
    return Optional.of(new Coded(this, out.toByteArray(), streams));
  }

  /** What is narrower is its own symbol, and the most frequent one is apart already. */
  private static boolean fits(Form form) {
    return form.type().bits() > 8;
  }

  private static Form maskForm(Form form) {
    return new Form(DType.U8, form.elements(), form.columns());
  }

  private static boolean isKept(byte[] bytes, int from, int width) {
    for (int b = from; b < from + width; b++) {
      if (bytes[b] != 0) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void decode(ByteInput in, Form form, byte[] elements) throws FormatException {
    if (!fits(form)) {
      throw in.failure("'sparse' is not for " + form.type());
    }
    byte[] mask = Nested.read(in, maskForm(form), this);
    int kept = (int) in.readVarint(form.elements(), "the number of kept entries");
    if (kept == 0) {
      throw in.failure("no kept entries");
    }
    byte[] values = Nested.read(in, Form.vector(form.type(), kept), this);
    in.expectEnd();
    int width = form.type().bits() / 8;
    int next = 0;
    for (int i = 0; i < mask.length; i++) {
      if (mask[i] != 0) {
        if (next == values.length) {
          throw in.failure("more entries are kept than the " + kept + " that have values");
        }
        System.arraycopy(values, next, elements, i * width, width);
        next += width;
      }
    }
  }
}
