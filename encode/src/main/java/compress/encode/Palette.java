package compress.encode;

import compress.model.DType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;

/** The different elements of a chunk, in the order of the numbers they stand for. */
final class Palette {
  private static final int SLOTS = 4 * Symbols.LARGEST_PALETTE;

  private final DType type;
  private final ByteBuffer elements;
  // An open hash table of bit patterns; 0 in places is a free slot, else a place plus one.
  private final long[] slots = new long[SLOTS];
  private final int[] places = new int[SLOTS];
  private long[] bits = new long[0];

  private Palette(DType type, byte[] bytes) {
    this.type = type;
    this.elements = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * @param type of 16, 32 or 64 bits
   * @return empty if more than {@link Symbols#LARGEST_PALETTE} different elements occur
   */
  static Optional<Palette> of(DType type, byte[] bytes) {
    Palette palette = new Palette(type, bytes);
    return palette.collect() ? Optional.of(palette) : Optional.empty();
  }

  private boolean collect() {
    int distinct = 0;
    for (int i = 0, n = elements.capacity() / (type.bits() / 8); i < n; i++) {
      long e = element(i);
      int slot = slot(e);
      if (places[slot] == 0) {
        if (distinct == Symbols.LARGEST_PALETTE) {
          return false;
        }
        slots[slot] = e;
        places[slot] = ++distinct;
      }
    }
    long[] keys = new long[distinct];
    for (int slot = 0, next = 0; slot < SLOTS; slot++) {
      if (places[slot] != 0) {
        keys[next++] = order(slots[slot]);
      }
    }
    Arrays.sort(keys);
    for (int slot = 0; slot < SLOTS; slot++) {
      if (places[slot] != 0) {
        places[slot] = Arrays.binarySearch(keys, order(slots[slot])) + 1;
      }
    }
    bits = Arrays.stream(keys).map(this::order).toArray();
    return true;
  }

  /** The slot that holds {@code element}, or the free one where it belongs. */
  private int slot(long element) {
    int slot = (int) (element * 0x9E3779B97F4A7C15L >>> 40) % SLOTS;
    while (places[slot] != 0 && slots[slot] != element) {
      slot = (slot + 1) % SLOTS;
    }
    return slot;
  }

  private long element(int i) {
    return switch (type.bits()) {
      case 16 -> elements.getShort(2 * i);
      case 32 -> elements.getInt(4 * i);
      default -> elements.getLong(8 * i);
    };
  }

  /**
   * A number that sorts as what the sign-extended bit pattern stands for does; its own inverse.
   * Unsigned numbers past the middle sort as negative.
   */
  private long order(long pattern) {
    return type.isFloat() && pattern < 0 ? pattern ^ Long.MAX_VALUE : pattern;
  }

  int size() {
    return bits.length;
  }

  /** The bit patterns by place. */
  long[] bits() {
    return bits;
  }

  /** Fills {@code symbols} with the place of each element. */
  char[] fill(char[] symbols) {
    for (int i = 0; i < symbols.length; i++) {
      symbols[i] = (char) (places[slot(element(i))] - 1);
    }
    return symbols;
  }
}
