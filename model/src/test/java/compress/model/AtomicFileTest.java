package compress.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
  @TempDir Path folder;

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void theFileAppearsOnCommit() throws IOException {
    Path target = folder.resolve("a");
    Files.writeString(target, "old");
    try (AtomicFile file = AtomicFile.create(target)) {
      file.channel().write(ByteBuffer.wrap(new byte[] {'n', 'e', 'w'}));
      assertThat(target).hasContent("old");
      file.commit();
    }
    assertThat(target).hasContent("new");
    assertThat(names()).containsExactly("a");
  }

  @Test
  void withoutCommitNothingChanges() throws IOException {
    Path target = folder.resolve("a");
    Files.writeString(target, "old");
    try (AtomicFile file = AtomicFile.create(target)) {
      file.channel().write(ByteBuffer.wrap(new byte[] {1}));
    }
    assertThat(target).hasContent("old");
    assertThat(names()).containsExactly("a");
  }

  @Test
  void whatADeadProcessLeftIsRemovedAndWhatALivingOneWritesIsNot() throws IOException {
    // Process 1 lives on every system; no process has a number of 18 digits.
    Files.writeString(folder.resolve(".a.1.tmp"), "being written");
    Files.writeString(folder.resolve(".a.999999999999999999.tmp"), "left over");
    Files.writeString(folder.resolve(".a.b.tmp"), "somebody else's");
    AtomicFile.write(folder.resolve("a"), new byte[] {'x'});
    assertThat(names()).containsExactly(".a.1.tmp", ".a.b.tmp", "a");
  }
}
