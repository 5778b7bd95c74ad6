package compress.distill;

import compress.model.Model;
import compress.model.Param;
import compress.train.Change;
import compress.train.Context;
import compress.train.FreshWeights;
import compress.train.Outcome;
import compress.train.Stage;
import compress.train.StepHook;
import compress.train.TrainOptions;
import compress.train.Trained;
import compress.train.Trainer;
import compress.train.data.DataSplit;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Trains a student from a teacher, and compares it with the teacher, with itself trained alone, and
 * with what it was. What is pruned in the student stays zero, and shared values stay shared.
 *
 * @see <a href="https://arxiv.org/abs/1805.04770">Furlanello et al. 2018</a>, generations of
 *     students that are born again; without their ensembles
 */
public final class DistillStage implements Stage {
  private final DistillOptions options;

  public DistillStage(DistillOptions options) {
    this.options = options;
  }

  @Override
  public String name() {
    return "distill";
  }

  @Override
  public List<String> check(Model model, Context context) {
    if (context.data().isEmpty()) {
      return List.of("distillation needs data; name some");
    }
    List<String> wrong = new ArrayList<>(options.transfer().check(context.data().get()));
    if (!wrong.isEmpty()) {
      return wrong;
    }
    DataSplit data = options.transfer().of(context.data().get());
    Model student;
    try {
      student = student(model, context);
    } catch (IllegalArgumentException | IOException e) {
      return List.of(String.valueOf(e.getMessage()));
    }
    if (options.course().mutual() > 1) {
      Cohort cohort = cohort(student, context);
      wrong.addAll(Trainer.check(cohort.whole(), data, together(cohort)));
      return wrong;
    }
    TrainOptions guided = options.training().keepingZeros(student);
    wrong.addAll(Trainer.check(student, data, guided.withGuide(options.distillation())));
    long own = student.parameters();
    long theirs = options.distillation().teacher().parameters();
    if (own > theirs) {
      wrong.add(
          "the student has %,d weights, the teacher %,d: nothing would get smaller; exchange them?"
              .formatted(own, theirs));
    }
    if (options.controls().alone() && !data.train().hasLabels()) {
      wrong.add("a student cannot be trained alone without labels; leave the control out");
    }
    return wrong;
  }

  private Cohort cohort(Model student, Context context) {
    List<Model> members = new ArrayList<>(List.of(student));
    for (int i = 1; i < options.course().mutual(); i++) {
      members.add(FreshWeights.of(student, context.seed() + i));
    }
    return new Cohort(members);
  }

  private TrainOptions together(Cohort cohort) {
    Distillation distillation = options.distillation();
    Peers peers =
        new Peers(options.course().mutual(), distillation.temperature(), distillation.lambda());
    return cohort.options(options.training()).keepingZeros(cohort.whole()).withGuide(peers);
  }

  private Model student(Model model, Context context) throws IOException {
    Model shrunk = options.shrinking().of(model);
    return options.fresh() ? FreshWeights.of(shrunk, context.seed()) : shrunk;
  }

  /** What would be trained, and from what, without training: for predictions. */
  public Stage untrained() {
    return new Stage() {
      @Override
      public String name() {
        return DistillStage.this.name();
      }

      @Override
      public List<String> check(Model model, Context context) {
        return DistillStage.this.check(model, context);
      }

      @Override
      public Outcome run(Model model, Context context) throws IOException {
        Model student = student(model, context);
        Map<String, Object> details = new LinkedHashMap<>();
        if (options.course().mutual() == 1) {
          details.put("losses", options.distillation().comparisons(student));
        }
        return new Outcome(student, changes(model, student), List.of(), details);
      }
    };
  }

  @Override
  public Outcome run(Model model, Context context) throws IOException {
    List<String> problems = check(model, context);
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(String.join("\n", problems));
    }
    DataSplit data = options.transfer().of(context.data().orElseThrow());
    Model student = student(model, context);
    Exam exam =
        new Exam(options.distillation().teacher(), data, options.transfer().omitted(), context);
    exam.ask("teacher", options.distillation().teacher());
    exam.ask("student before", student);
    if (options.controls().baseline().isPresent()) {
      exam.ask("baseline", options.controls().baseline().get());
    }
    if (options.controls().alone()) {
      TrainOptions alone = options.training().keepingZeros(student);
      exam.ask(
          "student alone", Trainer.train(student, data, alone, context, StepHook.NONE).model());
    }
    Map<String, Object> details = new LinkedHashMap<>();
    Trained trained =
        options.course().mutual() > 1
            ? mutual(cohort(student, context), data, context, exam)
            : generations(student, data, context, exam, details);
    details.put("comparison", exam.results());
    details.putAll(trained.details());
    return new Outcome(trained.model(), changes(model, trained.model()), List.of(), details);
  }

  /** One student after the other; the last is the result. */
  private Trained generations(
      Model student, DataSplit data, Context context, Exam exam, Map<String, Object> details)
      throws IOException {
    details.put("losses", options.distillation().comparisons(student));
    int generations = options.course().generations();
    Trained trained = train(student, options.distillation(), data, context);
    for (int generation = 2; generation <= generations; generation++) {
      exam.ask("generation " + (generation - 1), trained.model());
      Distillation next = options.distillation().withTeacher(trained.model());
      trained = train(FreshWeights.of(student, context.seed() + generation), next, data, context);
    }
    exam.ask(generations > 1 ? "generation " + generations : "student", trained.model());
    return trained;
  }

  private Trained train(Model start, Distillation from, DataSplit data, Context context)
      throws IOException {
    TrainOptions all = options.training().keepingZeros(start).withGuide(from);
    return Trainer.train(start, data, all, context, StepHook.NONE);
  }

  /** All students at once; the one that is best on the validation part is the result. */
  private Trained mutual(Cohort cohort, DataSplit data, Context context, Exam exam)
      throws IOException {
    Trained trained = Trainer.train(cohort.whole(), data, together(cohort), context, StepHook.NONE);
    List<Model> students = cohort.split(trained.model());
    int best = 0;
    double most = -1;
    for (int i = 0; i < students.size(); i++) {
      exam.ask("student " + (i + 1), students.get(i));
      double right = exam.validation(students.get(i));
      if (right > most) {
        most = right;
        best = i;
      }
    }
    List<String> notes = new ArrayList<>(trained.notes());
    notes.add("student " + (best + 1) + " is the best on the validation part, of equals the first");
    return new Trained(
        students.get(best), trained.log(), trained.keptEpoch(), most, Map.of(), notes);
  }

  private static List<Change> changes(Model before, Model after) {
    List<Change> changes = new ArrayList<>();
    for (Param param : after.params().values()) {
      Param old = before.params().getOrDefault(param.name(), param);
      if (param.type().isFloat()
          && (!param.equals(old) || !before.params().containsKey(param.name()))) {
        changes.add(
            new Change(
                param.name(),
                "distilled",
                param.size(),
                old.mask().kept(),
                param.mask().kept(),
                param.values().bits()));
      }
    }
    return changes;
  }
}
