package compress.cli.options;

import compress.distill.DistillOptions;
import compress.distill.DistillStage;
import compress.distill.Distillation;
import compress.distill.FewerLayers;
import compress.distill.Shrinking;
import compress.distill.Transfer;
import compress.model.ByName;
import compress.model.Model;
import compress.model.ModelFiles;
import compress.prune.structure.CutOptions;
import compress.prune.structure.CutPattern;
import compress.prune.structure.CutStage;
import compress.train.Context;
import compress.train.Stage;
import compress.train.data.DataSet;
import compress.train.data.DataSplit;
import compress.train.data.Holdout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** A student taught by a teacher. */
public final class DistillStageOptions implements StageOptions {
  enum Control {
    NONE,
    ALONE
  }

  @Option(
      names = "--teacher",
      paramLabel = "MODEL",
      description =
          "ONNX file of the network to learn from. Default: the network before the first stage.")
  private @Nullable Path teacher;

  @Option(
      names = "--student-from-teacher",
      paramLabel = "HOW",
      description =
          "Make the student of the network that comes in: layers=SHARE keeps that share of the"
              + " layers that it repeats, width=SHARE that share of channels, neurons and heads, by"
              + " magnitude; 1/2, say, or 0.5. Default: the network as it comes.")
  private @Nullable String studentFromTeacher;

  @Option(
      names = "--fresh",
      description = "Start from new random weights. Default: from those of the student.")
  private boolean fresh;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      description = "How often to go through the training samples. Default: ${DEFAULT-VALUE}.")
  private int epochs = 10;

  @Option(
      names = "--control",
      paramLabel = "NAME",
      description =
          "What to compare with. alone: the same student, trained as long without the teacher."
              + " Default: none.")
  private Control control = Control.NONE;

  @Option(
      names = "--baseline",
      paramLabel = "MODEL",
      description = "ONNX file of a student trained without the teacher, to compare with.")
  private @Nullable Path baseline;

  @Option(
      names = "--generations",
      paramLabel = "N",
      description =
          "Students one after the other, each from new weights and taught by the one before."
              + " Default: ${DEFAULT-VALUE}.")
  private int generations = 1;

  @Option(
      names = "--mutual",
      paramLabel = "N",
      description =
          "N students that teach each other while they learn the labels; the teacher is only"
              + " compared with. The one that is best on the validation part is the result."
              + " Default: ${DEFAULT-VALUE}.")
  private int mutual = 1;

  @Option(
      names = "--unlabelled",
      paramLabel = "PATH",
      description =
          "More training samples, whose labels are not looked at: only the teacher speaks of them."
              + " Default: none.")
  private @Nullable Path unlabelled;

  @Option(
      names = "--omit-class",
      paramLabel = "N",
      split = ",",
      description = "Classes whose training samples are left out. Default: none.")
  private List<Integer> omitClass = new ArrayList<>();

  @Mixin private TeachingOptions teaching;
  @Mixin private TrainingOptions training;

  /** The file to learn from, if one was named. */
  public Optional<Path> teacher() {
    return Optional.ofNullable(teacher);
  }

  /** Whether the student is made of the network that comes in. */
  public boolean isDerived() {
    return studentFromTeacher != null;
  }

  @Override
  public Stage stage(Model original) throws IOException {
    return distillation(original);
  }

  @Override
  public Optional<Stage> untrained(Model original) throws IOException {
    return Optional.of(distillation(original).untrained());
  }

  private DistillStage distillation(Model original) throws IOException {
    Model theirs = teacher == null ? original : ModelFiles.read(teacher);
    Distillation distillation = teaching.distillation(theirs);
    DistillOptions options =
        DistillOptions.of(distillation, training.options(epochs, original))
            .withTransfer(new Transfer(omitClass, more()))
            .withShrinking(shrinking())
            .withFresh(fresh)
            .withCourse(new DistillOptions.Course(generations, mutual));
    Optional<Model> trained =
        baseline == null ? Optional.empty() : Optional.of(ModelFiles.read(baseline));
    return new DistillStage(
        options.withControls(new DistillOptions.Controls(control == Control.ALONE, trained)));
  }

  private Optional<DataSet> more() throws IOException {
    if (unlabelled == null) {
      return Optional.empty();
    }
    DataSplit split = DataOptions.read(unlabelled, Holdout.last(0));
    return Optional.of(split.train().isEmpty() ? split.test() : split.train());
  }

  private Shrinking shrinking() {
    if (studentFromTeacher == null) {
      return Shrinking.NONE;
    }
    String[] parts = studentFromTeacher.split("=", 2);
    if (parts.length == 2) {
      double share = share(parts[1]);
      switch (parts[0]) {
        case "layers" -> {
          return new FewerLayers(share);
        }
        case "width" -> {
          return model -> narrowed(model, share);
        }
        default -> {}
      }
    }
    throw new IllegalArgumentException(
        "student-from-teacher '%s' is none of layers=SHARE, width=SHARE"
            .formatted(studentFromTeacher));
  }

  /** {@code 1/2} or {@code 0.5}. */
  private static double share(String text) {
    try {
      double share = new Fraction().convert(text);
      if (share > 0 && share <= 1) {
        return share;
      }
    } catch (TypeConversionException e) {
      // Said below.
    }
    throw new IllegalArgumentException(
        "a share is above 0 and at most 1, 1/2 say, not '%s'".formatted(text));
  }

  /** All groups of channels, neurons and heads cut to a share, the largest staying. */
  private static Model narrowed(Model model, double share) throws IOException {
    CutOptions cut =
        CutOptions.of(CutPattern.parse("structured").orElseThrow(), 0)
            .withAmount(ByName.of(1 - share))
            .withProtect(false);
    return new CutStage(cut).run(model, Context.of(0)).model();
  }

  @Override
  public List<Path> files() {
    List<Path> files = new ArrayList<>();
    Optional.ofNullable(teacher).ifPresent(files::add);
    Optional.ofNullable(baseline).ifPresent(files::add);
    if (unlabelled != null && Files.isDirectory(unlabelled)) {
      try (Stream<Path> inside = Files.walk(unlabelled)) {
        inside.filter(Files::isRegularFile).sorted().forEach(files::add);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    } else {
      Optional.ofNullable(unlabelled).ifPresent(files::add);
    }
    return files;
  }
}
