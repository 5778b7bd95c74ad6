package compress.train.data;

import compress.model.DType;
import compress.model.FormatException;
import compress.model.Shape;
import compress.model.Tensor;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;

/**
 * NumPy's arrays: an {@code .npz} file with {@code x_train}, {@code y_train}, {@code x_test} and
 * {@code y_test}, or with {@code x} and {@code y}; or a folder with {@code .npy} files of these
 * names. Images whose last axis is 1, 3 or 4 long have their channels moved first.
 *
 * @see <a href="https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html">NumPy, NPY
 *     format</a>
 */
final class Npy implements DataFormat {
  private static final int LARGEST = Integer.MAX_VALUE - 16;
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final Pattern DESCRIPTION = Pattern.compile("'descr'\\s*:\\s*'([^']*)'");
  private static final Pattern FORTRAN = Pattern.compile("'fortran_order'\\s*:\\s*True");
  private static final Pattern SHAPE = Pattern.compile("'shape'\\s*:\\s*\\(([^)]*)\\)");
  private static final List<List<String>> TRAIN = List.of(List.of("x_train", "y_train"));
  private static final List<List<String>> TEST =
      List.of(List.of("x_test", "y_test"), List.of("x", "y"));

  /** One array: numbers as bytes or floats, or labels. */
  record Array(String type, long[] dims, byte[] bytes) {}

  @Override
  public String looksFor() {
    return "an .npz file with x_train, y_train, x_test, y_test (or x, y), or .npy files of these"
        + " names in a folder";
  }

  @Override
  public Optional<Parts> read(Path path) throws IOException {
    Map<String, Array> arrays = new LinkedHashMap<>();
    if (Files.isDirectory(path)) {
      for (String name : List.of("x_train", "y_train", "x_test", "y_test", "x", "y")) {
        Path file = path.resolve(name + ".npy");
        if (Files.isRegularFile(file)) {
          arrays.put(name, array(file, Files.readAllBytes(file), ""));
        }
      }
    } else if (startsWith(path, MAGIC)) {
      arrays.put("x", array(path, Files.readAllBytes(path), ""));
    } else if (startsWith(path, new byte[] {'P', 'K', 3, 4})) {
      readZip(path, arrays);
    }
    if (arrays.isEmpty()) {
      return Optional.empty();
    }
    Optional<DataSet> train = part(path, arrays, TRAIN);
    Optional<DataSet> test = part(path, arrays, TEST);
    if (train.isEmpty() && test.isEmpty()) {
      throw new FormatException(
          path,
          FormatException.NOWHERE,
          "holds the arrays %s; x_train, x_test or x are needed".formatted(arrays.keySet()));
    }
    return Optional.of(new Parts(train, test));
  }

  private static boolean startsWith(Path file, byte[] magic) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return Arrays.equals(in.readNBytes(magic.length), magic);
    }
  }

  private static void readZip(Path file, Map<String, Array> arrays) throws IOException {
    try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(file))) {
      for (ZipEntry e = zip.getNextEntry(); e != null; e = zip.getNextEntry()) {
        if (e.getName().endsWith(".npy")) {
          String name = e.getName().substring(0, e.getName().length() - 4);
          byte[] bytes = zip.readNBytes(LARGEST);
          arrays.put(name, array(file, bytes, name + ".npy: "));
        }
      }
    } catch (ZipException | EOFException e) {
      throw new FormatException(
          file, FormatException.NOWHERE, "cannot be unzipped: " + e.getMessage(), e);
    }
  }

  private static Optional<DataSet> part(
      Path path, Map<String, Array> arrays, List<List<String>> names) throws FormatException {
    for (List<String> pair : names) {
      Array x = arrays.get(pair.get(0));
      Array y = arrays.get(pair.get(1));
      if (x != null) {
        Tensor samples = channelsFirst(samples(path, pair.get(0), x));
        return Optional.of(
            y == null ? DataSet.unlabelled(samples) : labelled(path, pair.get(1), samples, y));
      }
    }
    return Optional.empty();
  }

  private static DataSet labelled(Path path, String name, Tensor samples, Array y)
      throws FormatException {
    long count = Arrays.stream(y.dims()).reduce(1, (a, b) -> a * b);
    if (count != samples.shape().dim(0)) {
      throw new FormatException(
          path,
          FormatException.NOWHERE,
          "%d labels in %s for %d samples".formatted(count, name, samples.shape().dim(0)));
    }
    int[] labels = new int[(int) count];
    for (int i = 0; i < labels.length; i++) {
      double label = number(path, name, y, i);
      if (label != Math.rint(label) || label < 0 || label > 1_000_000) {
        throw new FormatException(
            path,
            FormatException.NOWHERE,
            "label %s at %s[%d]; whole numbers from 0 are expected".formatted(label, name, i));
      }
      labels[i] = (int) label;
    }
    return DataSet.of(samples, labels, Arrays.stream(labels).max().orElse(-1) + 1);
  }

  private static Tensor samples(Path path, String name, Array x) throws FormatException {
    long[] dims = x.dims().length == 3 ? withChannel(x.dims()) : x.dims();
    if (dims.length < 2) {
      throw new FormatException(
          path,
          FormatException.NOWHERE,
          name + " has the shape " + Arrays.toString(dims) + "; the first axis counts samples");
    }
    if (x.type().equals("u1")) {
      return Tensor.of(DType.U8, Shape.of(dims), x.bytes());
    }
    float[] floats = new float[Math.toIntExact(Shape.of(dims).size())];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) number(path, name, x, i);
    }
    return Tensor.of(Shape.of(dims), floats);
  }

  private static long[] withChannel(long[] dims) {
    return new long[] {dims[0], 1, dims[1], dims[2]};
  }

  private static Tensor channelsFirst(Tensor x) {
    long[] d = x.shape().toArray();
    boolean last = d.length == 4 && (d[3] == 1 || d[3] == 3 || d[3] == 4) && d[1] > 4;
    return last ? ChannelsFirst.of(x) : x;
  }

  private static double number(Path path, String name, Array a, int i) throws FormatException {
    ByteBuffer b = ByteBuffer.wrap(a.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    return switch (a.type()) {
      case "u1", "b1" -> b.get(i) & 0xff;
      case "i1" -> b.get(i);
      case "u2" -> b.getShort(2 * i) & 0xffff;
      case "i2" -> b.getShort(2 * i);
      case "u4" -> b.getInt(4 * i) & 0xffff_ffffL;
      case "i4" -> b.getInt(4 * i);
      case "i8", "u8" -> b.getLong(8 * i);
      case "f2" -> Float.float16ToFloat(b.getShort(2 * i));
      case "f4" -> b.getFloat(4 * i);
      case "f8" -> b.getDouble(8 * i);
      default ->
          throw new FormatException(
              path, FormatException.NOWHERE, name + " is of type '" + a.type() + "'");
    };
  }

  /** Reads one {@code .npy} file. */
  static Array array(Path path, byte[] bytes, String where) throws FormatException {
    if (bytes.length < 10 || !Arrays.equals(Arrays.copyOf(bytes, 6), MAGIC)) {
      throw new FormatException(path, 0, where + "does not start as an .npy file does");
    }
    ByteBuffer head = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    boolean wide = bytes[6] >= 2;
    if (wide && bytes.length < 12) {
      throw new FormatException(path, 8, where + "truncated");
    }
    long length = wide ? head.getInt(8) & 0xffff_ffffL : head.getShort(8) & 0xffff;
    int start = wide ? 12 : 10;
    if (length > bytes.length - start) {
      throw new FormatException(path, 8, where + "truncated in its header");
    }
    String text = new String(bytes, start, (int) length, StandardCharsets.ISO_8859_1);
    Matcher type = DESCRIPTION.matcher(text);
    Matcher shape = SHAPE.matcher(text);
    if (!type.find()
        || !shape.find()
        || FORTRAN.matcher(text).find()
        || type.group(1).length() < 3
        || type.group(1).charAt(0) == '>') {
      throw new FormatException(
          path, start, where + "header " + text.strip() + "; C order and little-endian are needed");
    }
    long[] dims = dims(path, shape.group(1), where);
    long size = Arrays.stream(dims).reduce(1, (a, b) -> a > LARGEST ? a : a * b);
    long width = Character.digit(type.group(1).charAt(2), 10);
    int from = start + (int) length;
    if (size > LARGEST || size * width != bytes.length - from) {
      throw new FormatException(
          path,
          from,
          where
              + "%d bytes of data for shape %s of %s"
                  .formatted(bytes.length - from, Arrays.toString(dims), type.group(1)));
    }
    return new Array(
        type.group(1).substring(1), dims, Arrays.copyOfRange(bytes, from, bytes.length));
  }

  private static long[] dims(Path path, String text, String where) throws FormatException {
    try {
      long[] dims =
          Arrays.stream(text.split(",", -1))
              .map(String::strip)
              .filter(s -> !s.isEmpty())
              .mapToLong(Long::parseLong)
              .toArray();
      if (Arrays.stream(dims).anyMatch(d -> d < 0 || d > LARGEST)) {
        throw new NumberFormatException();
      }
      return dims;
    } catch (NumberFormatException e) {
      throw new FormatException(path, 10, where + "shape (" + text + ") is not one", e);
    }
  }
}
