package compress.train.torch;

import compress.model.AtomicFile;
import compress.model.Mask;
import compress.model.Shape;
import compress.train.EpochLog;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.zip.CRC32C;

/**
 * All that a training must know to go on after an epoch as if nothing had happened.
 *
 * @param log one entry for each epoch done
 * @param stopped whether the training ended early
 * @param params as {@link LiveParams#snapshot} gives them
 * @param moments of the optimizer, param by param
 * @param best the snapshot to keep, if it is not {@code params}
 * @param hookState what the step hook wants to remember
 */
record Checkpoint(
    List<EpochLog> log,
    boolean stopped,
    List<float[]> params,
    List<float[]> moments,
    SequencedMap<String, Mask> masks,
    Optional<List<float[]>> best,
    MemorySegment hookState) {
  private static final int MAGIC = 0x434b5031;

  /** Writes all of it, or leaves what was there before. */
  void write(Path file) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeInt(MAGIC);
    out.writeInt(log.size());
    for (EpochLog epoch : log) {
      out.writeInt(epoch.epoch());
      out.writeDouble(epoch.loss());
      out.writeDouble(epoch.validation());
      out.writeDouble(epoch.rate());
    }
    out.writeBoolean(stopped);
    writeArrays(out, params);
    writeArrays(out, moments);
    out.writeInt(masks.size());
    for (Map.Entry<String, Mask> mask : masks.entrySet()) {
      out.writeUTF(mask.getKey());
      writeMask(out, mask.getValue());
    }
    out.writeBoolean(best.isPresent());
    if (best.isPresent()) {
      writeArrays(out, best.get());
    }
    byte[] hook = hookState.toArray(ValueLayout.JAVA_BYTE);
    out.writeInt(hook.length);
    out.write(hook);
    CRC32C crc = new CRC32C();
    crc.update(bytes.toByteArray());
    out.writeLong(crc.getValue());
    AtomicFile.write(file, bytes.toByteArray());
  }

  private static void writeArrays(DataOutputStream out, List<float[]> arrays) throws IOException {
    out.writeInt(arrays.size());
    for (float[] array : arrays) {
      out.writeInt(array.length);
      out.write(MemorySegment.ofArray(array).toArray(ValueLayout.JAVA_BYTE));
    }
  }

  private static void writeMask(DataOutputStream out, Mask mask) throws IOException {
    out.writeInt(mask.shape().rank());
    for (long dim : mask.shape().toArray()) {
      out.writeLong(dim);
    }
    BitSet kept = new BitSet();
    for (int i = 0; i < mask.shape().size(); i++) {
      kept.set(i, mask.keeps(i));
    }
    byte[] bits = kept.toByteArray();
    out.writeInt(bits.length);
    out.write(bits);
  }

  /**
   * What the file holds; empty if there is none, or if it is damaged: the training then starts anew
   * and ends with the same bytes.
   */
  static Optional<Checkpoint> read(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    byte[] bytes = Files.readAllBytes(file);
    int body = bytes.length - Long.BYTES;
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, Math.max(0, body));
    if (body < 0 || crc.getValue() != readLong(bytes, body)) {
      return Optional.empty();
    }
    // The sum is right, so lengths can be trusted.
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
    if (in.readInt() != MAGIC) {
      return Optional.empty();
    }
    List<EpochLog> log = new ArrayList<>();
    for (int n = in.readInt(); n > 0; n--) {
      log.add(new EpochLog(in.readInt(), in.readDouble(), in.readDouble(), in.readDouble()));
    }
    boolean stopped = in.readBoolean();
    List<float[]> params = readArrays(in);
    List<float[]> moments = readArrays(in);
    SequencedMap<String, Mask> masks = new LinkedHashMap<>();
    for (int n = in.readInt(); n > 0; n--) {
      masks.put(in.readUTF(), readMask(in));
    }
    Optional<List<float[]>> best =
        in.readBoolean() ? Optional.of(readArrays(in)) : Optional.empty();
    byte[] hook = in.readNBytes(in.readInt());
    return Optional.of(
        new Checkpoint(log, stopped, params, moments, masks, best, MemorySegment.ofArray(hook)));
  }

  private static long readLong(byte[] bytes, int at) {
    return MemorySegment.ofArray(bytes)
        .get(ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN), at);
  }

  private static List<float[]> readArrays(DataInputStream in) throws IOException {
    List<float[]> arrays = new ArrayList<>();
    for (int n = in.readInt(); n > 0; n--) {
      float[] array = new float[in.readInt()];
      byte[] bytes = in.readNBytes(array.length * Float.BYTES);
      MemorySegment.ofArray(array).copyFrom(MemorySegment.ofArray(bytes));
      arrays.add(array);
    }
    return arrays;
  }

  private static Mask readMask(DataInputStream in) throws IOException {
    long[] dims = new long[in.readInt()];
    for (int i = 0; i < dims.length; i++) {
      dims[i] = in.readLong();
    }
    return Mask.of(Shape.of(dims), BitSet.valueOf(in.readNBytes(in.readInt())));
  }
}
