package compress.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** {@code compress distill}, and teachers of other stages. */
class DistillTest {
  @TempDir Path folder;

  private Path teacher() throws Exception {
    return Samples.model(folder.resolve("teacher.onnx"), 1);
  }

  private Path data() throws Exception {
    return Samples.data(folder.resolve("data"), 90, 30);
  }

  @Test
  void comparesTheStudentWithItsTeacherAndItselfAlone() throws Exception {
    Path student = Samples.model(folder.resolve("student.onnx"), 2);
    Path out = folder.resolve("taught.onnx");
    Object[] command = {
      "distill",
      "--teacher",
      teacher(),
      "--student",
      student,
      "--data",
      data(),
      "--epochs",
      2,
      "--control",
      "alone",
      "--loss",
      "soft,mse=0.1",
      "--temperature",
      "4:1",
      "--seed",
      3,
      "-o",
      out
    };
    Cli cli = Cli.run(command);
    assertThat(cli.code()).as("%s", cli).isZero();
    assertThat(cli.out())
        .contains("soft: ", "mse: ", "student alone", "as the teacher", "wrote ")
        .containsPattern("teacher +\\d+ .* 100.00 %");
    byte[] once = Files.readAllBytes(out);
    JsonNode json = Cli.run(with(command, "--force", "--json")).json();
    assertThat(Files.readAllBytes(out)).isEqualTo(once);
    JsonNode details = json.get("stages").get(0).get("details");
    assertThat(details.get("comparison").get(0).get("agreement").asDouble()).isEqualTo(1);
    assertThat(details.get("comparison").get(3).get("network").asString()).isEqualTo("student");
    assertThat(details.get("training")).hasSize(2);
  }

  private static Object[] with(Object[] words, Object... more) {
    Object[] all = Arrays.copyOf(words, words.length + more.length);
    System.arraycopy(more, 0, all, words.length, more.length);
    return all;
  }

  @Test
  void saysWhatIsMissingOrWrong() throws Exception {
    Path teacher = teacher();
    Path out = folder.resolve("out.onnx");
    assertThat(Cli.run("distill", "--student", teacher, "-o", out).err())
        .contains("the network to learn from is missing: --teacher");
    assertThat(Cli.run("distill", "--teacher", teacher, "-o", out).err())
        .contains("give one of --student FILE, --network NAME, --student-from-teacher HOW");
    Cli noData = Cli.run("distill", "--teacher", teacher, "--student", teacher, "-o", out);
    assertThat(noData.code()).isEqualTo(2);
    assertThat(noData.err()).contains("distillation needs data; name some");
    Cli unknown =
        Cli.run(
            "distill",
            "--teacher",
            teacher,
            "--student",
            teacher,
            "--data",
            data(),
            "--loss",
            "atention",
            "-o",
            out);
    assertThat(unknown.code()).isEqualTo(2);
    assertThat(unknown.err()).contains("did you mean 'attention'");
    Cli larger =
        Cli.run(
            "distill",
            "--teacher",
            teacher,
            "--network",
            "lenet-300-100",
            "--data",
            data(),
            "-o",
            out);
    assertThat(larger.code()).isEqualTo(2);
    assertThat(larger.err()).contains("nothing would get smaller");
    assertThat(out).doesNotExist();
  }

  @Test
  void makesAStudentOfTheTeacherAndPredictsItsSize() throws Exception {
    Path out = folder.resolve("narrow.onnx");
    Cli cli =
        Cli.run(
            "distill",
            "--teacher",
            teacher(),
            "--student-from-teacher",
            "width=1/2",
            "--data",
            data(),
            "--scale",
            "1/255",
            "--loss",
            "soft,distance",
            "--dry-run",
            "-o",
            out);
    assertThat(cli.code()).as("%s", cli).isZero();
    assertThat(cli.out()).contains("predicted", "distance: ");
    assertThat(out).doesNotExist();
  }

  /** What a command was told is a recipe that says the same. */
  @Test
  void savesARecipeThatDoesTheSame() throws Exception {
    Path saved = folder.resolve("saved.yaml");
    Path once = folder.resolve("once.onnx");
    Path again = folder.resolve("again.onnx");
    Cli cli =
        Cli.run(
            "distill",
            "--teacher",
            teacher(),
            "--student-from-teacher",
            "width=1/2",
            "--fresh",
            "--data",
            data(),
            "--epochs",
            1,
            "--loss",
            "soft,distance=3",
            "--mutual",
            1,
            "--unlabelled",
            data(),
            "--omit-class",
            1,
            "--save-recipe",
            saved,
            "-o",
            once);
    assertThat(cli.code()).as("%s", cli).isZero();
    Cli second = Cli.run("run", saved, "-o", again);
    assertThat(second.code()).as("%s", second).isZero();
    assertThat(Files.readAllBytes(again)).isEqualTo(Files.readAllBytes(once));
  }

  @Test
  void aQuantizedNetworkLearnsFromTheDenseOne() throws Exception {
    Path out = folder.resolve("int4.onnx");
    Cli cli =
        Cli.run(
            "quantize",
            teacher(),
            "--scheme",
            "linear",
            "--bits",
            4,
            "--finetune",
            1,
            "--data",
            data(),
            "--scale",
            "1/255",
            "--distill",
            "original",
            "--loss",
            "soft,mse",
            "-o",
            out,
            "--json");
    assertThat(cli.code()).as("%s", cli).isZero();
    JsonNode notes = cli.json().get("stages").get(0).get("details").get("notes");
    assertThat(notes.toString()).contains("soft: ", "mse: ", "asked once");
  }

  @Test
  void isAStageAndATeacherOfOtherStages() throws Exception {
    teacher();
    data();
    Files.writeString(
        folder.resolve("recipe.yaml"),
        """
        model: teacher.onnx
        data: {path: data, scale: 1/255}
        stages:
          - {stage: prune, sparsity: 0.5, finetune: 1, distill: original, loss: {soft: 1, logits: 0.1}}
          - {stage: distill, epochs: 1, temperature: 2, lambda: 0.9}
        """);
    Path out = folder.resolve("out.onnx");
    Cli cli = Cli.run("run", folder.resolve("recipe.yaml"), "-o", out, "--json");
    assertThat(cli.code()).as("%s", cli).isZero();
    JsonNode stages = cli.json().get("stages");
    assertThat(stages.get(0).get("details").get("notes").toString()).contains("soft: ", "logits: ");
    assertThat(stages.get(1).get("nonzero")).isEqualTo(stages.get(0).get("nonzero"));
    assertThat(stages.get(1).get("details").get("comparison")).hasSize(3);
  }
}
