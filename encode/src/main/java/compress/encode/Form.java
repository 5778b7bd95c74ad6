package compress.encode;

import compress.model.DType;
import compress.model.Shape;

/**
 * What a decoder knows about a chunk before it reads it.
 *
 * @param type of the elements; a complex tensor is coded as one of its parts, twice as many
 * @param elements how many, at most {@link #MOST_ELEMENTS}
 * @param columns elements that one index of the tensor's first axis covers, so that the element one
 *     row up is {@code columns} before; {@code elements} if the chunk is less than a row
 */
record Form(DType type, int elements, int columns) {
  /** Chunks are at most this long, and at most {@link #MOST_BYTES} big. */
  static final int MOST_ELEMENTS = 1 << 22;

  static final int MOST_BYTES = 1 << 24;

  Form {
    if (elements < 1 || elements > MOST_ELEMENTS || columns < 1 || elements % columns > 0) {
      throw new IllegalArgumentException(elements + " elements in rows of " + columns);
    }
  }

  static Form vector(DType type, int elements) {
    return new Form(type, elements, elements);
  }

  int bytes() {
    return (int) type.bytesFor(elements);
  }

  int rows() {
    return elements / columns;
  }

  /** The type whose elements a tensor of {@code type} is coded as. */
  static DType part(DType type) {
    return switch (type) {
      case C64 -> DType.F32;
      case C128 -> DType.F64;
      default -> type;
    };
  }

  /** How a tensor is cut: into equal chunks, but for the last. */
  record Cut(DType type, long elements, long columns, int perChunk) {
    /**
     * Chunks hold whole rows where a row fits into one, and in any case a multiple of eight
     * elements, so that packed types are cut between bytes.
     */
    static Cut of(DType tensorType, Shape shape) {
      DType type = part(tensorType);
      long elements = shape.size() * (tensorType.bits() / type.bits());
      long columns = shape.rank() < 2 || elements == 0 ? elements : elements / shape.dim(0);
      int most = Math.min(MOST_ELEMENTS, (int) (8L * MOST_BYTES / type.bits()));
      long rowGroup = columns % 8 == 0 ? columns : 8 * columns;
      int perChunk = rowGroup > 0 && rowGroup <= most ? (int) (most / rowGroup * rowGroup) : most;
      return new Cut(type, elements, columns, perChunk);
    }

    long chunks() {
      return Math.ceilDiv(elements, (long) perChunk);
    }

    Form chunk(long index) {
      int length = (int) Math.min(perChunk, elements - index * perChunk);
      return new Form(type, length, perChunk % columns == 0 ? (int) columns : length);
    }

    /** Where a chunk starts, in bytes from the tensor's start. */
    long offset(long index) {
      return type.bytesFor(index * perChunk);
    }
  }
}
