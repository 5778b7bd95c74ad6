package compress.prune.structure;

import static org.assertj.core.api.Assertions.assertThat;

import compress.model.Model;
import compress.model.ModelFiles;
import compress.model.Param;
import compress.model.Tensor;
import compress.prune.structure.ChannelGroup.Kind;
import compress.train.Macs;
import compress.train.Networks;
import compress.train.ValueShapes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Networks as people use them, cut at three ratios and compared with zeros. */
class RealNetworksTest {
  private static final double[] SHARES = {0.25, 0.5, 0.75};

  @TempDir Path folder;

  private void cutIsZeroed(Structure structure, Kind kind, long groups) throws Exception {
    assertThat(structure.groups().stream().filter(g -> g.kind() == kind && g.barrier().isEmpty()))
        .hasSize((int) groups);
    Model model = structure.model();
    long macs = Macs.of(model, ValueShapes.of(model, 1)).total();
    long bytes = bytes(model);
    for (double share : SHARES) {
      Model cut = CutAndZeroed.check(folder, structure, share, 5, g -> g.kind() == kind);
      long fewer = Macs.of(cut, ValueShapes.of(cut, 1)).total();
      assertThat(fewer).as("share %s", share).isLessThan(macs);
      macs = fewer;
      // What goes from the file is four bytes for each parameter, and little else.
      long gone = 4 * (model.parameters() - cut.parameters());
      assertThat(bytes - bytes(cut)).isBetween(gone - 4096, gone + 100_000);
    }
  }

  private long bytes(Model model) throws Exception {
    Path file = folder.resolve("size.onnx");
    ModelFiles.write(model, file);
    return Files.size(file);
  }

  @Test
  void squeezeNetThroughItsConcats() throws Exception {
    Model model = SharedModels.read("models/squeezenet1.1.onnx");
    cutIsZeroed(CutAndZeroed.structure(model), Kind.CHANNEL, 25);
  }

  @Test
  void resNet20ThroughItsPaddedShortcuts() throws Exception {
    Model model = SharedModels.read("models/resnet20_cifar10.onnx");
    Structure structure = CutAndZeroed.structure(model);
    cutIsZeroed(structure, Kind.CHANNEL, 12);
    assertThat(Macs.of(model, ValueShapes.of(model, 1)).total()).isEqualTo(40_551_040);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mlperf_tiny_resnet8_cifar10",
        "squeezenet_cifar10",
        "tribuo_pytorch_cnn_mnist",
        "lenet5_caffe_mnist"
      })
  void smallConvolutionalNetworks(String name) throws Exception {
    Structure structure = CutAndZeroed.structure(SharedModels.read("models/" + name + ".onnx"));
    assertThat(structure.groups()).anyMatch(g -> g.barrier().isEmpty());
    for (double share : SHARES) {
      CutAndZeroed.check(folder, structure, share, 9, g -> true);
    }
  }

  @Test
  void mobileNetThroughItsDepthwiseConvolutions() throws Exception {
    Structure structure = CutAndZeroed.structure(mobileNet());
    // The inside of each of six blocks, the three residual streams, the last widening.
    cutIsZeroed(structure, Kind.CHANNEL, 10);
  }

  /** Made by the trainer's own list, with normalizations that have something to say. */
  private static Model mobileNet() {
    Model model = Networks.make("mobilenet", 8);
    SplittableRandom random = new SplittableRandom(8);
    List<Param> drawn = new ArrayList<>();
    for (Param param : model.params().values()) {
      if (param.shape().rank() == 1) {
        float[] values = new float[(int) param.size()];
        for (int i = 0; i < values.length; i++) {
          values[i] = random.nextFloat() + 0.5f;
        }
        drawn.add(Param.of(param.name(), Tensor.of(param.shape(), values)));
      }
    }
    return model.with(drawn);
  }

  @Test
  void headsAndNeuronsOfMiniLm() throws Exception {
    Model model = SharedModels.read("minilm/all-minilm-l6-v2.onnx", "models/all-minilm-l6-v2.onnx");
    Structure structure = CutAndZeroed.structure(model);
    cutIsZeroed(structure, Kind.HEAD, 6);
    cutIsZeroed(structure, Kind.NEURON, 6);
  }
}
