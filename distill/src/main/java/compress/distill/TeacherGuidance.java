package compress.distill;

import compress.distill.Distillation.Term;
import compress.distill.Loss.Sides;
import compress.distill.Loss.Value;
import compress.model.DType;
import compress.model.Model;
import compress.model.Tensor;
import compress.model.ValueInfo;
import compress.train.Context;
import compress.train.Guidance;
import compress.train.TrainOptions;
import compress.train.data.DataSplit;
import compress.train.data.Draw;
import compress.train.data.Order;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/** One training with a teacher: its loss as a graph, and the teacher's answers. */
final class TeacherGuidance implements Guidance {
  static final String TEMPERATURE = "temperature";
  static final String LAMBDA = "lambda";

  private final Distillation distillation;
  private final boolean labelled;
  private final LossGraph loss;
  private final Answers answers;
  private final List<String> notes;

  private TeacherGuidance(
      Distillation distillation,
      boolean labelled,
      LossGraph loss,
      Answers answers,
      List<String> notes) {
    this.distillation = distillation;
    this.labelled = labelled;
    this.loss = loss;
    this.answers = answers;
    this.notes = notes;
  }

  static TeacherGuidance of(
      Distillation distillation,
      List<Term> terms,
      Model student,
      DataSplit data,
      TrainOptions options,
      Context context)
      throws IOException {
    Teacher teacher = new Teacher(distillation.teacher(), terms);
    LossGraph loss = LossGraph.of(terms, teacher, student, context.seed());
    Answers answers = Answers.of(teacher, data, options, context, distillation.cache());
    List<String> notes = new ArrayList<>(terms.stream().map(Term::toString).toList());
    notes.add(answers.note());
    return new TeacherGuidance(distillation, data.train().hasLabels(), loss, answers, notes);
  }

  /**
   * A loss, and what it reads of the student.
   *
   * @param taps at the student
   */
  record LossGraph(Model model, List<Tap> taps) {
    static LossGraph of(List<Term> terms, Teacher teacher, Model student, long seed) {
      SequencedMap<String, Tap> taps = new LinkedHashMap<>();
      Optional<String> total = Optional.empty();
      Sketch all = new Sketch("");
      String temperature = all.input(TEMPERATURE, DType.F32);
      String lambda = all.input(LAMBDA, DType.F32);
      for (int i = 0; i < terms.size(); i++) {
        Term term = terms.get(i);
        Value own = term.pair().student();
        String input = "student/" + own.name();
        taps.put(input, new Tap(input, own.name(), false));
        all.input(input, DType.F32);
        own.mask().ifPresent(mask -> all.input(mask, type(student, mask)));
        String given = teacher.view(i);
        all.input(given, DType.F32);
        Value tapped = new Value(input, own.sample(), own.mask());
        Sides sides =
            new Sides(
                given,
                term.loss().view().of(all, tapped),
                term.pair().teacher(),
                tapped,
                temperature,
                Order.seed(seed, 17, i));
        String weighted = all.times(term.loss().comparison().of(all, sides), term.weight());
        total = Optional.of(total.isEmpty() ? weighted : all.add(total.get(), weighted));
      }
      String loss = all.mul(total.orElseThrow(), lambda);
      return new LossGraph(all.model("loss", List.of(loss)), List.copyOf(taps.values()));
    }

    private static DType type(Model student, String input) {
      return student.graph().orElseThrow().inputs().stream()
          .filter(i -> i.name().equals(input))
          .findFirst()
          .flatMap(ValueInfo::type)
          .orElse(DType.I64);
    }
  }

  @Override
  public Model loss() {
    return loss.model();
  }

  @Override
  public List<Tap> taps() {
    return loss.taps();
  }

  @Override
  public Map<String, Tensor> given(Draw draw) throws IOException {
    return answers.of(draw);
  }

  @Override
  public Map<String, Float> settings(double epoch, double epochs) {
    double lambda = labelled ? distillation.lambda().at(epoch, epochs) : 1;
    double temperature = distillation.temperature().at(epoch, epochs);
    return Map.of(LAMBDA, (float) lambda, TEMPERATURE, (float) temperature);
  }

  @Override
  public double labelShare(double epoch, double epochs) {
    return 1 - distillation.lambda().at(epoch, epochs);
  }

  @Override
  public List<String> notes() {
    return notes;
  }

  @Override
  public void close() {
    answers.close();
  }
}
