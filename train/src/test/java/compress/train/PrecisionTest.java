package compress.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import compress.model.DType;
import compress.model.Model;
import compress.model.Tensor;
import compress.train.data.DataSplit;
import compress.train.data.Draw;
import compress.train.data.Feed;
import compress.train.torch.TorchEngine;
import java.io.IOException;
import org.junit.jupiter.api.Test;

final class PrecisionTest {
  // Half the distance from 1 to the next bfloat16.
  private static final double ROUNDING = 0x1p-8;

  private static final DataSplit DATA = Blobs.split(500, 300, 7);
  private static final Context CONTEXT = Context.of(3).withThreads(1);
  private static final TrainOptions OPTIONS =
      TrainOptions.defaults().withEpochs(2).withBatch(32).withOptimizer(Optimizer.sgd(0.05));

  private final Model model = Bars.withBatchNorm(5);

  private Tensor answers(Precision precision) {
    try (TorchEngine engine = new TorchEngine(model, 1, precision)) {
      Feed feed = Feed.of(DATA.test(), DATA.preprocessing(), engine.inputs());
      return engine.run(feed.batch(Draw.of(0, 1, 2, 3))).firstEntry().getValue();
    }
  }

  private Trained train(Precision precision) throws IOException {
    return Trainer.train(model, DATA, OPTIONS.withPrecision(precision), CONTEXT, StepHook.NONE);
  }

  private static double accuracy(Model model) throws IOException {
    try (TorchEngine engine = new TorchEngine(model, 1)) {
      return Evaluator.accuracy(engine, DATA.test(), DATA.preprocessing()).value();
    }
  }

  @Test
  void answersDifferByRoundingAndArePlainFloats() {
    Tensor wide = answers(Precision.FP32);
    Tensor narrow = answers(Precision.BF16);
    assertThat(narrow.type()).isEqualTo(DType.F32);
    float[] expected = wide.toFloats();
    float[] actual = narrow.toFloats();
    assertThat(actual).isNotEqualTo(expected);
    for (int i = 0; i < expected.length; i++) {
      // Probabilities: two products and a normalization, each rounded.
      assertThat(actual[i]).isCloseTo(expected[i], within((float) (8 * ROUNDING)));
    }
    assertThat(answers(Precision.FP32).toFloats()).as("left as it was").isEqualTo(expected);
  }

  @Test
  void learnsAsWellAndRepeatably() throws IOException {
    Trained wide = train(Precision.FP32);
    Trained narrow = train(Precision.BF16);
    assertThat(accuracy(narrow.model())).isCloseTo(accuracy(wide.model()), within(0.03));
    assertThat(narrow.log().getLast().loss())
        .isCloseTo(wide.log().getLast().loss(), within(0.05))
        .isNotEqualTo(wide.log().getLast().loss());
    assertThat(narrow.model().param("w").type()).isEqualTo(DType.F32);
    assertThat(new Fingerprint().add(train(Precision.BF16).model()).hex())
        .isEqualTo(new Fingerprint().add(narrow.model()).hex());
  }
}
