package compress.encode;

import java.util.ArrayList;
import java.util.List;

/**
 * The bytes of a model's files that are not a tensor's, in the order of files and offsets, as if
 * they were one piece: the graph, names, headers, padding.
 */
final class Skeleton {
  /**
   * Bytes of the skeleton that lie together in a file.
   *
   * @param at where in the skeleton
   * @param offset where in file number {@code file}
   */
  record Run(long at, int file, long offset, long bytes) {}

  private final List<Run> runs = new ArrayList<>();
  private long bytes;

  static Skeleton of(List<Index.SourceFile> files, List<Index.Entry> tensors) {
    Skeleton skeleton = new Skeleton();
    int next = 0;
    for (int file = 0; file < files.size(); file++) {
      long position = 0;
      for (; next < tensors.size() && tensors.get(next).file() == file; next++) {
        Index.Entry tensor = tensors.get(next);
        skeleton.add(file, position, tensor.offset());
        position = tensor.offset() + tensor.bytes();
      }
      skeleton.add(file, position, files.get(file).bytes());
    }
    return skeleton;
  }

  private void add(int file, long from, long to) {
    if (to > from) {
      runs.add(new Run(bytes, file, from, to - from));
      bytes += to - from;
    }
  }

  /** Where in the files {@code count} bytes of the skeleton lie, from byte {@code from} on. */
  List<Run> runs(long from, long count) {
    List<Run> within = new ArrayList<>();
    for (Run run : runs) {
      long start = Math.max(from, run.at);
      long end = Math.min(from + count, run.at + run.bytes);
      if (start < end) {
        within.add(new Run(start, run.file, run.offset + start - run.at, end - start));
      }
    }
    return within;
  }
}
