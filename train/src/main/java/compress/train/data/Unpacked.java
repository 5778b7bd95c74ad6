package compress.train.data;

import compress.model.FormatException;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/**
 * The bytes of a file that may be packed by gzip or xz, which is found by its first bytes. Never
 * takes more memory than there are bytes, whatever a header says.
 */
final class Unpacked implements AutoCloseable {
  /** What xz may ask for to unpack, in KiB: its highest level takes 65 MiB. */
  private static final int XZ_MEMORY_KIB = 128 << 10;

  private final Path file;
  private final InputStream in;
  private final boolean packed;
  private long position;

  private Unpacked(Path file, InputStream in, boolean packed) {
    this.file = file;
    this.in = in;
    this.packed = packed;
  }

  static Unpacked open(Path file) throws IOException {
    InputStream raw = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
    try {
      raw.mark(8);
      byte[] start = raw.readNBytes(6);
      raw.reset();
      if (start.length >= 2 && (start[0] & 0xff) == 0x1f && (start[1] & 0xff) == 0x8b) {
        InputStream gzip =
            GzipCompressorInputStream.builder()
                .setInputStream(raw)
                .setDecompressConcatenated(true)
                .get();
        return new Unpacked(file, new BufferedInputStream(gzip, 1 << 16), true);
      }
      if (start.length == 6 && (start[0] & 0xff) == 0xfd && start[1] == '7' && start[2] == 'z') {
        InputStream xz =
            XZCompressorInputStream.builder()
                .setInputStream(raw)
                .setDecompressConcatenated(true)
                .setMemoryLimitKiB(XZ_MEMORY_KIB)
                .get();
        return new Unpacked(file, new BufferedInputStream(xz, 1 << 16), true);
      }
      return new Unpacked(file, raw, false);
    } catch (IOException | RuntimeException e) {
      raw.close();
      throw new FormatException(file, 0, "cannot be unpacked: " + e.getMessage(), e);
    }
  }

  /**
   * The next {@code count} bytes.
   *
   * @param what they are, for the message if the file ends before
   */
  byte[] read(int count, String what) throws FormatException {
    byte[] bytes;
    try {
      // Grows with what is there, not with what is asked for.
      bytes = in.readNBytes(count);
    } catch (IOException | RuntimeException e) {
      String reason = e instanceof EOFException ? "it is truncated" : e.getMessage();
      throw broken("cannot be unpacked: " + reason);
    }
    if (bytes.length < count) {
      throw broken(
          "ends after %d of %d bytes of %s; truncated".formatted(bytes.length, count, what));
    }
    position += count;
    return bytes;
  }

  /** All bytes that are left, of which there may be at most {@code most}. */
  byte[] rest(int most) throws FormatException {
    try {
      byte[] bytes = in.readNBytes(most);
      if (bytes.length == most && in.read() >= 0) {
        throw broken("is larger than " + most + " bytes");
      }
      position += bytes.length;
      return bytes;
    } catch (FormatException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw broken("cannot be unpacked: " + e.getMessage());
    }
  }

  void requireEnd() throws FormatException {
    if (rest(Integer.MAX_VALUE - 16).length > 0) {
      throw broken("goes on after its data");
    }
  }

  /** An error here: at this byte of a plain file, after so many unpacked bytes of a packed one. */
  FormatException broken(String reason) {
    return packed
        ? new FormatException(
            file,
            FormatException.NOWHERE,
            "after %d bytes, unpacked: %s".formatted(position, reason))
        : new FormatException(file, position, reason);
  }

  Path file() {
    return file;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
