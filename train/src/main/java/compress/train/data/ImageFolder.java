package compress.train.data;

import compress.model.DType;
import compress.model.FormatException;
import compress.model.Shape;
import compress.model.Tensor;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import javax.imageio.ImageIO;

/**
 * Images in files that Java reads (JPEG, PNG, GIF, BMP): one folder for each class, in the order of
 * their names, or a {@code labels.csv} of lines {@code file,class number,...}. All images must have
 * the same size. Folders {@code train} and {@code test} (or {@code val}) hold the parts; without
 * them all is test. The samples are in an order that is random and always the same, so that a part
 * of them has all classes.
 */
final class ImageFolder implements DataFormat {
  private static final List<String> ENDINGS = List.of(".jpg", ".jpeg", ".png", ".gif", ".bmp");

  private record Labelled(Path file, int label) {}

  @Override
  public String looksFor() {
    return "a folder of images with labels.csv (lines of file,class number), or with a folder for"
        + " each class, itself or in train and test";
  }

  @Override
  public Optional<Parts> read(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      return Optional.empty();
    }
    Path train = path.resolve("train");
    Path test =
        Files.isDirectory(path.resolve("test")) ? path.resolve("test") : path.resolve("val");
    if (Files.isDirectory(train) || Files.isDirectory(test)) {
      Optional<DataSet> first = part(train);
      Optional<DataSet> second = part(test);
      return first.isPresent() || second.isPresent()
          ? Optional.of(new Parts(first, second))
          : Optional.empty();
    }
    return part(path).map(all -> new Parts(Optional.empty(), Optional.of(all)));
  }

  private static Optional<DataSet> part(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return Optional.empty();
    }
    Path list = folder.resolve("labels.csv");
    List<Labelled> images = Files.isRegularFile(list) ? listed(list) : byFolder(folder);
    return images.isEmpty() ? Optional.empty() : Optional.of(load(images));
  }

  private static List<Labelled> listed(Path list) throws IOException {
    List<String> lines = Files.readAllLines(list, StandardCharsets.UTF_8);
    List<Labelled> images = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      String[] fields = lines.get(i).split(",", -1);
      if (lines.get(i).isBlank() || i == 0 && !isImage(fields[0])) {
        continue; // a line of headings
      }
      try {
        int label = Integer.parseInt(fields.length < 2 ? "" : fields[1].strip());
        if (label < 0 || label > 1_000_000) {
          throw new NumberFormatException();
        }
        images.add(new Labelled(list.resolveSibling(fields[0].strip()), label));
      } catch (NumberFormatException e) {
        throw new FormatException(
            list,
            FormatException.NOWHERE,
            "line %d: '%s' is not file,class number".formatted(i + 1, lines.get(i)),
            e);
      }
    }
    return images;
  }

  private static List<Labelled> byFolder(Path folder) throws IOException {
    List<Labelled> images = new ArrayList<>();
    int label = 0;
    for (Path sub : sorted(folder)) {
      if (Files.isDirectory(sub)) {
        List<Path> files = sorted(sub).stream().filter(f -> isImage(f.toString())).toList();
        int of = label;
        files.forEach(file -> images.add(new Labelled(file, of)));
        label += files.isEmpty() ? 0 : 1;
      }
    }
    return images;
  }

  private static List<Path> sorted(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }

  private static boolean isImage(String name) {
    return ENDINGS.stream().anyMatch(name.strip().toLowerCase(Locale.ROOT)::endsWith);
  }

  private static DataSet load(List<Labelled> images) throws IOException {
    BufferedImage first = decode(images.getFirst().file());
    int width = first.getWidth();
    int height = first.getHeight();
    int channels = first.getRaster().getNumBands() == 1 ? 1 : 3;
    long bytes = (long) images.size() * channels * width * height;
    if (bytes > Integer.MAX_VALUE - 16) {
      throw new FormatException(
          images.getFirst().file(),
          FormatException.NOWHERE,
          "%d images of %dx%d take %d bytes; at most 2 GiB are read"
              .formatted(images.size(), width, height, bytes));
    }
    byte[] pixels = new byte[(int) bytes];
    int[] labels = new int[images.size()];
    int[] order = Order.shuffled(images.size(), 0);
    int classes = 0;
    for (int i = 0; i < order.length; i++) {
      Labelled image = images.get(order[i]);
      BufferedImage decoded = decode(image.file());
      if (decoded.getWidth() != width || decoded.getHeight() != height) {
        throw new FormatException(
            image.file(),
            FormatException.NOWHERE,
            "is %dx%d, but %s is %dx%d; resize them first"
                .formatted(
                    decoded.getWidth(),
                    decoded.getHeight(),
                    images.getFirst().file().getFileName(),
                    width,
                    height));
      }
      write(decoded, channels, pixels, i * channels * width * height);
      labels[i] = image.label();
      classes = Math.max(classes, image.label() + 1);
    }
    Tensor tensor = Tensor.of(DType.U8, Shape.of(order.length, channels, height, width), pixels);
    return DataSet.of(tensor, labels, classes);
  }

  private static BufferedImage decode(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new FormatException(file, FormatException.NOWHERE, "no such image");
    }
    try {
      ImageIO.setUseCache(false);
      BufferedImage image = ImageIO.read(file.toFile());
      if (image == null) {
        throw new FormatException(file, 0, "is not an image that Java reads");
      }
      return image;
    } catch (FormatException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw new FormatException(
          file, FormatException.NOWHERE, "cannot be decoded: " + e.getMessage(), e);
    }
  }

  /** Red, green, blue, plane by plane; or grey. */
  private static void write(BufferedImage image, int channels, byte[] to, int at) {
    int width = image.getWidth();
    int plane = width * image.getHeight();
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < width; x++) {
        int pixel = at + y * width + x;
        if (channels == 1) {
          to[pixel] = (byte) image.getRaster().getSample(x, y, 0);
        } else {
          int rgb = image.getRGB(x, y);
          to[pixel] = (byte) (rgb >> 16);
          to[pixel + plane] = (byte) (rgb >> 8);
          to[pixel + 2 * plane] = (byte) rgb;
        }
      }
    }
  }
}
