package compress.cli.compare;

import compress.model.FormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What each test sample was answered, as CSV: a line for each, in the order of the data. */
final class AnswerFile {
  private static final String LABELLED = "right,same,kl,cosine";
  private static final String UNLABELLED = "same,kl,cosine";

  private AnswerFile() {}

  static String text(Quality.Samples samples) {
    double[] right = samples.right();
    StringBuilder text = new StringBuilder(right == null ? UNLABELLED : LABELLED).append('\n');
    for (int i = 0; i < samples.same().length; i++) {
      if (right != null) {
        text.append((int) right[i]).append(',');
      }
      text.append((int) samples.same()[i]).append(',');
      text.append((float) samples.kl()[i]).append(',');
      text.append((float) samples.cosine()[i]).append('\n');
    }
    return text.toString();
  }

  /**
   * @throws FormatException if the file is not one that was written here
   */
  static Quality.Samples read(Path file) throws IOException {
    List<String> lines = Files.readAllLines(file);
    boolean labelled = !lines.isEmpty() && lines.getFirst().equals(LABELLED);
    if (!labelled && (lines.isEmpty() || !lines.getFirst().equals(UNLABELLED))) {
      throw wrong(file, 1);
    }
    int n = lines.size() - 1;
    int first = labelled ? 1 : 0;
    double[] right = labelled ? new double[n] : null;
    Quality.Samples samples =
        new Quality.Samples(right, new double[n], new double[n], new double[n]);
    for (int i = 0; i < n; i++) {
      String[] cells = lines.get(i + 1).split(",", -1);
      if (cells.length != first + 3) {
        throw wrong(file, i + 2);
      }
      try {
        if (right != null) {
          right[i] = Double.parseDouble(cells[0]);
        }
        samples.same()[i] = Double.parseDouble(cells[first]);
        samples.kl()[i] = Double.parseDouble(cells[first + 1]);
        samples.cosine()[i] = Double.parseDouble(cells[first + 2]);
      } catch (NumberFormatException e) {
        throw wrong(file, i + 2);
      }
    }
    return samples;
  }

  private static FormatException wrong(Path file, int line) {
    return new FormatException(
        file,
        FormatException.NOWHERE,
        "line %d is not what a trial writes; delete the trial's folder to run it again"
            .formatted(line));
  }
}
