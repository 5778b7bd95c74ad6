package compress.model;

import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * A file that appears whole or not at all. What is written goes to a temporary neighbour, is forced
 * to the disk, and takes the file's name on {@link #commit}; closing without that removes it, and
 * leaves what was there before.
 */
public final class AtomicFile implements AutoCloseable {
  private final Path target;
  private final Path temporary;
  private final FileChannel channel;
  private boolean committed;

  private AtomicFile(Path target, Path temporary, FileChannel channel) {
    this.target = target;
    this.temporary = temporary;
    this.channel = channel;
  }

  /** Starts a new version of {@code target}; its folder is made if need be. */
  public static AtomicFile create(Path target) throws IOException {
    Path folder = target.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    removeLeftovers(target);
    Path temporary = temporary(target, ProcessHandle.current().pid());
    return new AtomicFile(
        target,
        temporary,
        FileChannel.open(
            temporary,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE));
  }

  private static Path temporary(Path target, long pid) {
    return target.resolveSibling("." + target.getFileName() + "." + pid + ".tmp");
  }

  /** A killed process cannot remove its temporary; the next that writes the same file does. */
  private static void removeLeftovers(Path target) throws IOException {
    Path folder = target.toAbsolutePath().getParent();
    String start = "." + target.getFileName() + ".";
    try (DirectoryStream<Path> siblings =
        Files.newDirectoryStream(
            folder == null ? Path.of("") : folder,
            f -> {
              String name = f.getFileName().toString();
              return name.startsWith(start) && name.endsWith(".tmp");
            })) {
      for (Path sibling : siblings) {
        String name = sibling.getFileName().toString();
        String pid = name.substring(start.length(), name.length() - ".tmp".length());
        if (pid.matches("\\d{1,18}") && ProcessHandle.of(Long.parseLong(pid)).isEmpty()) {
          Files.deleteIfExists(sibling);
        }
      }
    }
  }

  /** Writes {@code bytes} as the whole of {@code target}. */
  public static void write(Path target, byte[] bytes) throws IOException {
    try (AtomicFile file = create(target)) {
      Channels.newOutputStream(file.channel()).write(bytes);
      file.commit();
    }
  }

  public FileChannel channel() {
    return channel;
  }

  /** Where the bytes are before {@link #commit}, for reading them back. */
  public Path temporary() {
    return temporary;
  }

  /** Gives the file its name. */
  public void commit() throws IOException {
    channel.force(true);
    channel.close();
    try {
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(temporary, target, StandardCopyOption.REPLACE_EXISTING);
    }
    committed = true;
  }

  @Override
  public void close() throws IOException {
    channel.close();
    if (!committed) {
      Files.deleteIfExists(temporary);
    }
  }
}
