package compress.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import compress.model.DType;
import compress.model.Model;
import compress.model.ModelFiles;
import compress.model.Shape;
import compress.model.Tensor;
import compress.train.data.DataFiles;
import compress.train.data.DataSet;
import compress.train.data.DataSplit;
import compress.train.data.Holdout;
import compress.train.data.Preprocessing;
import compress.train.onnxruntime.OnnxRuntimeEngine;
import compress.train.torch.TorchEngine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Both engines give the same answers, on networks made here and on published ones. */
final class EnginesTest {
  @TempDir Path folder;

  static List<String> networks() {
    return Networks.names();
  }

  @ParameterizedTest
  @MethodSource("networks")
  void onnxRuntimeRunsOurNetworksAsWeDo(String name) throws IOException {
    Model model = Networks.make(name, 5);
    Path file = folder.resolve(name + ".onnx");
    ModelFiles.write(model, file);
    DataSet images =
        noise(name.startsWith("lenet") ? new long[] {1, 28, 28} : new long[] {3, 32, 32});
    try (Engine torch = new TorchEngine(model, 1);
        Engine reference = new OnnxRuntimeEngine(file, 1)) {
      OutputComparison same =
          Evaluator.compare(reference, torch, images, Preprocessing.UNIT, Progress.SILENT);
      assertThat(same.maxAbsDifference()).isLessThan(1e-4 * (1 + same.meanAbsReference()));
      assertThat(same.samples()).isEqualTo(7);
    }
  }

  private static DataSet noise(long[] sample) {
    byte[] pixels = new byte[(int) (7 * Shape.of(sample).size())];
    new Random(3).nextBytes(pixels);
    return DataSet.unlabelled(
        Tensor.of(DType.U8, Shape.of(7, sample[0], sample[1], sample[2]), pixels));
  }

  // The accuracy on the whole test set that was measured for each model elsewhere.
  @ParameterizedTest
  @CsvSource({
    "lenet5_caffe_mnist, mnist, 0.003921568627451, , , 0.9895",
    "mnist-8, mnist, 1, , , 0.9891",
    "tribuo_pytorch_cnn_mnist, mnist, 0.003921568627451, 0.1307, 0.3081, 0.9907",
    "resnet20_cifar10, cifar10, 0.003921568627451, 0.485;0.456;0.406, 0.229;0.224;0.225, 0.9173",
    "mlperf_tiny_resnet8_cifar10, cifar10, 1, , , 0.8719",
    "squeezenet_cifar10, cifar10, 0.003921568627451, , , 0.7706"
  })
  void publishedModelsAnswerAsPublished(
      String name,
      String data,
      double scale,
      @Nullable String mean,
      @Nullable String std,
      double published)
      throws IOException {
    Optional<Path> file = TestData.find("models/" + name + ".onnx");
    Optional<Path> samples = TestData.find(data);
    assumeTrue(file.isPresent() && samples.isPresent(), "models and data are not here");
    Preprocessing preprocessing =
        Preprocessing.RAW.withScale(scale).withMeanStd(numbers(mean), numbers(std));
    DataSplit split = DataFiles.read(samples.get(), preprocessing, Holdout.DEFAULT);
    DataSet some = split.test().subset(0, 200);
    try (Engine torch = new TorchEngine(ModelFiles.read(file.get()), 1);
        Engine reference = new OnnxRuntimeEngine(file.get(), 1)) {
      OutputComparison same =
          Evaluator.compare(reference, torch, some, preprocessing, Progress.SILENT);
      assertThat(same.cosine()).isCloseTo(1, within(1e-5));
      assertThat(same.top1Agreement()).isGreaterThan(0.99);
      Accuracy accuracy = Evaluator.accuracy(torch, some, preprocessing);
      assertThat(published).isBetween(accuracy.low(), accuracy.high());
    }
  }

  private static List<Double> numbers(@Nullable String text) {
    return text == null
        ? List.of()
        : Arrays.stream(text.split(";", -1)).map(Double::valueOf).toList();
  }

  @Test
  void samplesThatDoNotFitAreRefusedWithBothShapes() throws IOException {
    DataSet images = noise(new long[] {3, 32, 32});
    try (Engine torch = new TorchEngine(Networks.make("lenet-5", 1), 1)) {
      assertThat(
              catchThrowable(
                  () -> Evaluator.outputs(torch, images, Preprocessing.UNIT, Progress.SILENT)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("[3, 32, 32]")
          .hasMessageContaining("[?, 1, 28, 28]");
    }
  }
}
