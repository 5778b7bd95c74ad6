package compress.encode;

import compress.model.DType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Chunks of many kinds, the same on every run. */
final class Samples {
  private Samples() {}

  static List<Chunk> all() {
    Random random = new Random(1);
    List<Chunk> chunks = new ArrayList<>();
    for (DType type : DType.values()) {
      if (Form.part(type) != type) {
        continue;
      }
      for (int elements : sizes(type)) {
        int columns = elements % 7 == 0 ? elements / 7 : elements;
        Form form = new Form(type, elements, columns);
        byte[] bytes = new byte[form.bytes()];
        chunks.add(new Chunk(form, bytes.clone()));
        random.nextBytes(bytes);
        chunks.add(new Chunk(form, bytes.clone()));
        chunks.add(sparse(form, 0.05, random));
        chunks.add(sparse(form, 0.9, random));
      }
    }
    for (double kept : new double[] {0.003, 0.08, 0.5}) {
      chunks.add(codebook(90, 140, kept, 32, random));
      chunks.add(codebook(10_001, 1, kept, 3, random));
    }
    chunks.add(gaussian(DType.F32, 60, 100, 1, random));
    chunks.add(gaussian(DType.F32, 60, 100, 0.1, random));
    chunks.add(gaussian(DType.F64, 50, 70, 1, random));
    chunks.add(gaussian(DType.F16, 60, 100, 1, random));
    chunks.add(gaussian(DType.BF16, 60, 100, 0.2, random));
    chunks.add(allSymbols());
    return chunks;
  }

  private static int[] sizes(DType type) {
    return switch (type) {
      case U8, U4, U16, F16, F32, F64 -> new int[] {1, 2, 3, 35, 1008, 2053};
      default -> new int[] {1, 35};
    };
  }

  /** Elements that are 0, or with probability {@code kept} one of few others. */
  private static Chunk sparse(Form form, double kept, Random random) {
    byte[] bytes = new byte[form.bytes()];
    int width = Math.max(1, form.type().bits() / 8);
    for (int i = 0; i + width <= bytes.length; i += width) {
      if (random.nextDouble() < kept) {
        for (int b = 0; b < width; b++) {
          bytes[i + b] = (byte) (1 + random.nextInt(3));
        }
      }
    }
    return new Chunk(form, form.type().bits() < 8 ? padded(form, bytes) : bytes);
  }

  private static byte[] padded(Form form, byte[] bytes) {
    int used = form.elements() * form.type().bits() % 8;
    if (used > 0) {
      bytes[bytes.length - 1] &= (byte) ((1 << used) - 1);
    }
    return bytes;
  }

  /** Indices into a codebook that has 0 first, the others as often as a bell curve says. */
  static Chunk codebook(int rows, int columns, double kept, int shared, Random random) {
    byte[] indices = new byte[rows * columns];
    for (int i = 0; i < indices.length; i++) {
      if (random.nextDouble() < kept) {
        double bell = random.nextGaussian() * shared / 6 + shared / 2.0;
        indices[i] = (byte) Math.clamp((int) (1 + bell), 1, shared);
      }
    }
    return new Chunk(new Form(DType.U8, indices.length, columns), indices);
  }

  static Chunk gaussian(DType type, int rows, int columns, double kept, Random random) {
    Form form = new Form(type, rows * columns, columns);
    ByteBuffer bytes = ByteBuffer.allocate(form.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < form.elements(); i++) {
      float w = random.nextDouble() < kept ? (float) (0.05 * random.nextGaussian()) : 0;
      switch (type) {
        case F64 -> bytes.putDouble(w);
        case F32 -> bytes.putFloat(w);
        case F16 -> bytes.putShort(Float.floatToFloat16(w));
        default -> bytes.putShort((short) (Float.floatToIntBits(w) >> 16));
      }
    }
    return new Chunk(form, bytes.array());
  }

  private static Chunk allSymbols() {
    ByteBuffer bytes = ByteBuffer.allocate(2 << 16).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < 1 << 16; i++) {
      bytes.putShort((short) i);
    }
    return new Chunk(new Form(DType.U16, 1 << 16, 256), bytes.array());
  }
}
