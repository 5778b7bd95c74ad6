package compress.prune.structure;

import static org.assertj.core.api.Assertions.assertThat;

import compress.model.DType;
import compress.model.Model;
import compress.model.ModelFiles;
import compress.prune.structure.ChannelGroup.Kind;
import compress.train.Macs;
import compress.train.ValueShapes;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Networks as people use them, cut at three ratios and compared with zeros. */
class RealNetworksTest {
  private static final double[] SHARES = {0.25, 0.5, 0.75};

  @TempDir Path folder;

  private void cutIsZeroed(Structure structure, Kind kind, long groups) throws Exception {
    assertThat(
            structure.groups().stream()
                .filter(g -> g.kind() == kind && g.barrier().isEmpty()))
        .hasSize((int) groups);
    Model model = structure.model();
    long macs = Macs.of(model.graph().orElseThrow(), ValueShapes.of(model, 1)).total();
    long bytes = bytes(model);
    for (double share : SHARES) {
      Model cut = CutAndZeroed.check(folder, structure, share, 5, g -> g.kind() == kind);
      long fewer = Macs.of(cut.graph().orElseThrow(), ValueShapes.of(cut, 1)).total();
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
    assertThat(Macs.of(model.graph().orElseThrow(), ValueShapes.of(model, 1)).total())
        .isEqualTo(40_551_040);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mlperf_tiny_resnet8_cifar10", "squeezenet_cifar10", "tribuo_pytorch_cnn_mnist",
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
    // The stem, the expansion of each block, and each residual stream.
    cutIsZeroed(structure, Kind.CHANNEL, 8);
  }

  /**
   * Inverted residuals as in MobileNetV2: a 1x1 convolution widens, a depthwise one filters, another
   * 1x1 narrows, and equal widths are added.
   */
  static Model mobileNet() {
    Nets n = new Nets(8, 13);
    n.input("x", DType.F32, 3, 16, 16);
    String x = relu6(n, n.bn(n.conv("x", 3, 16), 16));
    int width = 16;
    for (int to : new int[] {16, 24, 24, 32}) {
      int wide = 4 * width;
      String inner = relu6(n, n.bn(n.conv(x, width, wide, 1, 1), wide));
      inner = relu6(n, n.bn(n.conv(inner, wide, wide, 3, wide), wide));
      inner = n.bn(n.conv(inner, wide, to, 1, 1), to);
      x = width == to ? n.node("Add", java.util.Map.of(), inner, x) : inner;
      width = to;
    }
    x = relu6(n, n.bn(n.conv(x, width, 64, 1, 1), 64));
    return n.model(n.gemm(n.flatten(n.pool(x)), 64, 10));
  }

  private static String relu6(Nets n, String x) {
    return n.node(
        "Clip",
        java.util.Map.of(),
        x,
        n.scalar(n.fresh("zero"), 0f),
        n.scalar(n.fresh("six"), 6f));
  }

  @Test
  void headsAndNeuronsOfMiniLm() throws Exception {
    Model model =
        SharedModels.read("minilm/all-minilm-l6-v2.onnx", "models/all-minilm-l6-v2.onnx");
    Structure structure = CutAndZeroed.structure(model);
    cutIsZeroed(structure, Kind.HEAD, 6);
    cutIsZeroed(structure, Kind.NEURON, 6);
  }
}
