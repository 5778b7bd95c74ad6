package compress.cli.compare;

import static org.assertj.core.api.Assertions.assertThat;

import compress.model.Model;
import compress.model.Param;
import compress.model.Shape;
import compress.model.Tensor;
import compress.train.Networks;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class PortraitTest {
  @Test
  void everyPixelIsAWeight() throws Exception {
    Model original = Networks.make("lenet-300-100", 3);
    Param weight = original.param("ip1.weight");
    float[] values = weight.values().toFloats().clone();
    SplittableRandom random = new SplittableRandom(5);
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextInt(10) < 7 ? 0 : values[i];
    }
    SequencedMap<String, Param> params = new LinkedHashMap<>(original.params());
    params.put("ip1.weight", Param.of("ip1.weight", Tensor.of(Shape.of(300, 784), values)));
    Model pruned =
        new Model(
            original.graph(), params, original.opsets(), original.metadata(), original.carried());
    Portrait portrait = Portrait.of(original, pruned).orElseThrow();
    assertThat(portrait.layer()).isEqualTo("ip1.weight");
    assertThat(portrait.rows()).isEqualTo(300);
    assertThat(portrait.columns()).isEqualTo(784);
    BufferedImage image =
        ImageIO.read(new ByteArrayInputStream(Base64.getDecoder().decode(portrait.png())));
    assertThat(image.getWidth()).isEqualTo(portrait.shownColumns());
    assertThat(image.getHeight()).isEqualTo(portrait.shownRows());
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        boolean opaque = image.getRGB(x, y) >>> 24 != 0;
        assertThat(opaque).as("row %d, column %d", y, x).isEqualTo(values[y * 784 + x] != 0);
      }
    }
    long kept = 0;
    for (float v : values) {
      kept += v == 0 ? 0 : 1;
    }
    assertThat(portrait.before().stream().mapToLong(Long::longValue).sum()).isEqualTo(300 * 784);
    assertThat(portrait.after().stream().mapToLong(Long::longValue).sum()).isEqualTo(kept);
    assertThat(portrait.codebook()).isEmpty();
  }
}
