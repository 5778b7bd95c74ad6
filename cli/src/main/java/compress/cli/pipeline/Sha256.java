package compress.cli.pipeline;

import compress.model.MappedFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 sums in lower-case hexadecimal. */
public final class Sha256 {
  private static final int PIECE = 1 << 20;

  private Sha256() {}

  public static String of(Path file) throws IOException {
    MemorySegment bytes = MappedFile.map(file);
    MessageDigest digest = digest();
    for (long at = 0; at < bytes.byteSize(); at += PIECE) {
      digest.update(bytes.asSlice(at, Math.min(PIECE, bytes.byteSize() - at)).asByteBuffer());
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  public static String of(String text) {
    return HexFormat.of().formatHex(digest().digest(text.getBytes(StandardCharsets.UTF_8)));
  }

  private static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has SHA-256", e);
    }
  }
}
