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
    DataSplit data = context.data().get();
    Model student;
    try {
      student = student(model, context);
    } catch (IllegalArgumentException | IOException e) {
      return List.of(String.valueOf(e.getMessage()));
    }
    List<String> wrong = new ArrayList<>(Trainer.check(student, data, guided(student)));
    long own = student.parameters();
    long theirs = options.distillation().teacher().parameters();
    if (own > theirs) {
      wrong.add(
          "the student has %,d weights, the teacher %,d: nothing would get smaller; exchange them?"
              .formatted(own, theirs));
    }
    if (options.alone() && !data.train().hasLabels()) {
      wrong.add("a student cannot be trained alone without labels; leave the control out");
    }
    return wrong;
  }

  private TrainOptions guided(Model student) {
    return options.training().keepingZeros(student).withGuide(options.distillation());
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
        details.put("losses", options.distillation().comparisons(student));
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
    DataSplit data = context.data().orElseThrow();
    Model student = student(model, context);
    Model teacher = options.distillation().teacher();
    Distillation distillation = options.distillation();
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("losses", distillation.comparisons(student));
    Exam exam = new Exam(teacher, data, context);
    exam.ask("teacher", teacher);
    exam.ask("student before", student);
    if (options.baseline().isPresent()) {
      exam.ask("baseline", options.baseline().get());
    }
    if (options.alone()) {
      TrainOptions alone = options.training().keepingZeros(student);
      exam.ask(
          "student alone",
          Trainer.train(student, data, alone, context, StepHook.NONE).model());
    }
    Model start = student;
    Trained trained = train(start, distillation, data, context);
    for (int generation = 2; generation <= options.generations(); generation++) {
      exam.ask("generation " + (generation - 1), trained.model());
      distillation = distillation.withTeacher(trained.model());
      start = FreshWeights.of(student, context.seed() + generation);
      trained = train(start, distillation, data, context);
    }
    boolean several = options.generations() > 1;
    exam.ask(several ? "generation " + options.generations() : "student", trained.model());
    details.put("comparison", exam.results());
    details.putAll(trained.details());
    return new Outcome(trained.model(), changes(model, trained.model()), List.of(), details);
  }

  private Trained train(Model start, Distillation from, DataSplit data, Context context)
      throws IOException {
    TrainOptions all = options.training().keepingZeros(start).withGuide(from);
    return Trainer.train(start, data, all, context, StepHook.NONE);
  }

  private static List<Change> changes(Model before, Model after) {
    List<Change> changes = new ArrayList<>();
    for (Param param : after.params().values()) {
      Param old = before.params().getOrDefault(param.name(), param);
      if (param.type().isFloat() && (!param.equals(old) || !before.params().containsKey(param.name()))) {
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
