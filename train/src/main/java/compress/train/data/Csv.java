package compress.train.data;

import compress.model.FormatException;
import compress.model.Shape;
import compress.model.Tensor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Lines of numbers divided by commas or tabs, the last of them the class, from 0. A first line that
 * is not numbers is a heading. A folder with one training and one test file (their names hold
 * {@code train} or {@code test}, or end in {@code .tra} and {@code .tes}), or a single file, which
 * is all test.
 */
final class Csv implements DataFormat {
  private static final List<String> ENDINGS = List.of(".csv", ".tsv", ".tra", ".tes", ".data");
  private static final int LARGEST_FILE = 1 << 30;

  @Override
  public String looksFor() {
    return "a .csv, .tsv, .tra or .tes file of numbers with the class last, or a folder with a"
        + " training and a test file";
  }

  @Override
  public Optional<Parts> read(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      return isTable(path)
          ? Optional.of(new Parts(Optional.empty(), Optional.of(table(path))))
          : Optional.empty();
    }
    List<Path> tables;
    try (Stream<Path> files = Files.list(path)) {
      tables = files.filter(Csv::isTable).sorted().toList();
    }
    Optional<Path> train = tables.stream().filter(f -> named(f, "train", ".tra")).findFirst();
    Optional<Path> test = tables.stream().filter(f -> named(f, "test", ".tes")).findFirst();
    if (train.isEmpty() && test.isEmpty()) {
      return Optional.empty();
    }
    Optional<DataSet> first =
        train.isPresent() ? Optional.of(table(train.get())) : Optional.empty();
    Optional<DataSet> second = test.isPresent() ? Optional.of(table(test.get())) : Optional.empty();
    return Optional.of(new Parts(first, second));
  }

  private static boolean isTable(Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    return Files.isRegularFile(file) && ENDINGS.stream().anyMatch(name::endsWith);
  }

  private static boolean named(Path file, String part, String ending) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    return name.contains(part) || name.endsWith(ending);
  }

  private static DataSet table(Path file) throws IOException {
    String text;
    try (Unpacked in = Unpacked.open(file)) {
      text = new String(in.rest(LARGEST_FILE), StandardCharsets.UTF_8);
    }
    List<float[]> rows = new ArrayList<>();
    List<Integer> labels = new ArrayList<>();
    int line = 0;
    for (String written : text.lines().toList()) {
      line++;
      if (written.isBlank()) {
        continue;
      }
      String[] fields = written.split(written.indexOf('\t') >= 0 ? "\t" : ",", -1);
      if (line == 1 && !isNumber(fields[0])) {
        continue; // a heading
      }
      float[] row = row(file, line, fields);
      if (!rows.isEmpty() && rows.getFirst().length != row.length) {
        throw new FormatException(
            file,
            FormatException.NOWHERE,
            "line %d has %d numbers, the first has %d"
                .formatted(line, fields.length, rows.getFirst().length + 1));
      }
      rows.add(row);
      labels.add(label(file, line, fields[fields.length - 1]));
    }
    if (rows.isEmpty() || rows.getFirst().length == 0) {
      throw new FormatException(
          file, FormatException.NOWHERE, "no lines of numbers with a class last");
    }
    int columns = rows.getFirst().length;
    float[] all = new float[Math.multiplyExact(rows.size(), columns)];
    for (int i = 0; i < rows.size(); i++) {
      System.arraycopy(rows.get(i), 0, all, i * columns, columns);
    }
    int[] classes = labels.stream().mapToInt(Integer::intValue).toArray();
    return DataSet.of(
        Tensor.of(Shape.of(rows.size(), columns), all),
        classes,
        Arrays.stream(classes).max().orElse(-1) + 1);
  }

  private static boolean isNumber(String field) {
    try {
      Float.parseFloat(field.strip());
      return true;
    } catch (NumberFormatException e) {
      return false;
    }
  }

  private static float[] row(Path file, int line, String[] fields) throws FormatException {
    float[] row = new float[fields.length - 1];
    for (int i = 0; i < row.length; i++) {
      if (!isNumber(fields[i])) {
        throw new FormatException(
            file,
            FormatException.NOWHERE,
            "line %d, column %d: '%s' is not a number".formatted(line, i + 1, fields[i]));
      }
      row[i] = Float.parseFloat(fields[i].strip());
    }
    return row;
  }

  private static int label(Path file, int line, String field) throws FormatException {
    double label = isNumber(field) ? Double.parseDouble(field.strip()) : -1;
    if (label != Math.rint(label) || label < 0 || label > 1_000_000) {
      throw new FormatException(
          file,
          FormatException.NOWHERE,
          "line %d: '%s' is not a class; whole numbers from 0 are expected"
              .formatted(line, field.strip()));
    }
    return (int) label;
  }
}
