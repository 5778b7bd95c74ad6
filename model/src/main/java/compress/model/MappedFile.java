package compress.model;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;

/** Maps files of any size, read-only. The mapping ends when nothing refers to it any more. */
public final class MappedFile {
  private MappedFile() {}

  /**
   * @throws IOException if the file does not exist or cannot be read
   */
  public static MemorySegment map(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new FormatException(file, FormatException.NOWHERE, "is a folder, not a file");
    }
    try (FileChannel channel = FileChannel.open(file)) {
      return channel.map(MapMode.READ_ONLY, 0, channel.size(), Arena.ofAuto());
    }
  }
}
