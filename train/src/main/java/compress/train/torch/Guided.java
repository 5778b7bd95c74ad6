package compress.train.torch;

import compress.model.Graph;
import compress.model.ValueInfo;
import compress.train.Guidance;
import compress.train.Guidance.Tap;
import compress.train.TrainOptions;
import compress.train.data.Draw;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** A {@link Guidance} in libtorch: its loss runs on the student's own tensors. */
final class Guided implements AutoCloseable {
  private final Guidance guidance;
  private final Program program;
  private final LiveParams params;

  Guided(Guidance guidance) {
    this.guidance = guidance;
    Graph graph = guidance.loss().graph().orElseThrow();
    this.program = new Program(guidance.loss(), List.of(graph.outputs().getFirst().name()));
    this.params = new LiveParams(guidance.loss(), TrainOptions.defaults());
  }

  /** What learns with the student and is forgotten. */
  LiveParams params() {
    return params;
  }

  Guidance guidance() {
    return guidance;
  }

  /** The student's values that the loss reads. */
  List<String> values() {
    return guidance.taps().stream().map(Tap::value).toList();
  }

  /**
   * The loss of a batch.
   *
   * @param inputs of the student, which may have more rows than the draw
   * @param values of {@link #values}, in their order
   * @param source of what the loss is given of the samples: this one's guidance, or one for others
   */
  Tensor loss(
      Map<String, Tensor> inputs,
      List<Tensor> values,
      Draw draw,
      Guidance source,
      double epoch,
      double epochs)
      throws IOException {
    Map<String, Tensor> given = new HashMap<>();
    inputs.forEach((name, tensor) -> given.put(name, tensor.narrow(0, 0, draw.size())));
    for (int i = 0; i < values.size(); i++) {
      Tap tap = guidance.taps().get(i);
      Tensor value = values.get(i).narrow(0, 0, draw.size());
      given.put(tap.input(), tap.settled() ? value.detach() : value);
    }
    guidance
        .settings(epoch, epochs)
        .forEach((name, number) -> given.put(name, Libtorch.floats(new float[] {number})));
    source.given(draw).forEach((name, value) -> given.put(name, Libtorch.copy(value)));
    for (ValueInfo input : guidance.loss().graph().orElseThrow().inputs()) {
      if (!given.containsKey(input.name())) {
        throw new IllegalArgumentException("nothing gives '" + input.name() + "' to the loss");
      }
    }
    return program.run(given, params.seen(), Mode.INFERENCE, false).getFirst();
  }

  @Override
  public void close() {
    params.close();
    guidance.close();
  }
}
