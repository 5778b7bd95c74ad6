package compress.distill;

import compress.model.DType;
import compress.model.Model;
import compress.model.Shape;
import compress.model.Tensor;
import compress.train.Context;
import compress.train.Guidance;
import compress.train.Guide;
import compress.train.Scores;
import compress.train.TrainOptions;
import compress.train.data.DataSplit;
import compress.train.data.Draw;
import compress.train.data.Targets;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Students that teach each other. The loss is the sum over all students {@code i} of {@code (1 -
 * lambda) CE(labels, p_i) + lambda mean_j(T^2 KL(p_j || p_i))}, {@code j} being the others, whose
 * answers are taken as they are.
 *
 * @param students in the {@link Cohort} that is trained
 * @see <a href="https://arxiv.org/abs/1706.00384">Zhang et al. 2018</a>, equation 8, whose weights
 *     are 1 and 1; they change one student after the other in a step, here all at once
 */
record Peers(int students, Ramp temperature, Ramp lambda) implements Guide {
  private static final String TARGETS = "targets";
  private static final String LABELS = "labels";

  @Override
  public List<String> check(Model student, DataSplit data, TrainOptions options) {
    return data.train().hasLabels()
        ? List.of()
        : List.of("students that teach each other need labels; nothing else tells them apart");
  }

  @Override
  public String describe() {
    return "peers " + this;
  }

  @Override
  public Guidance begin(Model student, DataSplit data, TrainOptions options, Context context)
      throws IOException {
    Landmarks landmarks = Landmarks.of(student);
    int classes = Math.toIntExact(landmarks.scores().sample().size());
    // The members' scores have the names of the first's, but for the prefix.
    String first = Scores.of(student);
    List<Guidance.Tap> taps = new ArrayList<>();
    Sketch sketch = new Sketch("");
    String heat = sketch.input(TeacherGuidance.TEMPERATURE, DType.F32);
    String taught = sketch.input(TeacherGuidance.LAMBDA, DType.F32);
    String labels = sketch.input(LABELS, DType.F32);
    String targets = sketch.input(TARGETS, DType.F32);
    List<String> learning = new ArrayList<>();
    List<String> settled = new ArrayList<>();
    for (int i = 0; i < students; i++) {
      String value = Cohort.name(i, first);
      String moving = sketch.input("learning/" + value, DType.F32);
      String still = sketch.input("settled/" + value, DType.F32);
      taps.add(new Guidance.Tap(moving, value, false));
      taps.add(new Guidance.Tap(still, value, true));
      learning.add(sketch.flat(moving));
      settled.add(sketch.flat(still));
    }
    String total = "";
    for (int i = 0; i < students; i++) {
      String logs = sketch.logSoftmax(learning.get(i));
      String rows = sketch.sum(sketch.mul(targets, logs), false, 1);
      String loss = sketch.mul(sketch.times(sketch.mean(rows), -1), labels);
      for (int j = 0; j < students; j++) {
        if (j != i) {
          String apart = Losses.divergence(sketch, heat, settled.get(j), learning.get(i));
          String mean = sketch.times(apart, 1.0 / (students - 1));
          loss = sketch.add(loss, sketch.mul(mean, taught));
        }
      }
      total = i == 0 ? loss : sketch.add(total, loss);
    }
    Model loss = sketch.model("peers", List.of(total));
    return new Together(this, loss, taps, data, classes, options.labelSmoothing());
  }

  private record Together(
      Peers peers, Model loss, List<Tap> taps, DataSplit data, int classes, double labelSmoothing)
      implements Guidance {
    @Override
    public Map<String, Tensor> given(Draw draw) {
      float[] rows = Targets.of(data.train(), draw, classes, labelSmoothing);
      return Map.of(TARGETS, Tensor.of(Shape.of(draw.size(), classes), rows));
    }

    @Override
    public Map<String, Float> settings(double epoch, double epochs) {
      double taught = peers.lambda.at(epoch, epochs);
      return Map.of(
          TeacherGuidance.LAMBDA,
          (float) taught,
          LABELS,
          (float) (1 - taught),
          TeacherGuidance.TEMPERATURE,
          (float) peers.temperature.at(epoch, epochs));
    }

    /** The loss has the labels of all students in it. */
    @Override
    public double labelShare(double epoch, double epochs) {
      return 0;
    }

    @Override
    public List<String> notes() {
      return List.of(peers.students + " students taught each other");
    }

    @Override
    public void close() {}
  }
}
