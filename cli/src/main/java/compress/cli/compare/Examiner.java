package compress.cli.compare;

import compress.cli.options.NamedInputs;
import compress.cli.pipeline.Evaluation;
import compress.cli.pipeline.OpenModel;
import compress.cli.recipe.Recipe;
import compress.cli.recipe.RunOptions.EngineKind;
import compress.model.Tensor;
import compress.train.Engine;
import compress.train.Evaluator;
import compress.train.Progress;
import compress.train.data.DataSet;
import compress.train.data.DataSplit;
import compress.train.data.Preprocessing;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Puts the same questions to networks, and compares their answers with the original's and with the
 * labels. The original is asked once.
 */
final class Examiner {
  /** How many numbers of all answers the original's may have: a gigabyte of them. */
  private static final long MOST_NUMBERS = 1L << 28;

  private final Part test;
  private final Optional<Part> validation;
  private final EngineKind engine;
  private final int threads;

  private Examiner(Part test, Optional<Part> validation, EngineKind engine, int threads) {
    this.test = test;
    this.validation = validation;
    this.engine = engine;
    this.threads = threads;
  }

  /** What is asked, and what the original says to it. */
  private record Part(Questions questions, float[][] reference) {}

  /** Samples that a network can be run on. */
  private sealed interface Questions {
    float[][] answers(Engine engine) throws IOException;

    default Optional<int[]> labels() {
      return Optional.empty();
    }

    /** Of a data set, to networks with one input. */
    record OfData(DataSet data, Preprocessing preprocessing) implements Questions {
      @Override
      public float[][] answers(Engine engine) throws IOException {
        return Evaluator.outputs(engine, data, preprocessing, Progress.SILENT);
      }

      @Override
      public Optional<int[]> labels() {
        return data.labels();
      }
    }

    /** One after the other, to networks with any inputs. */
    record OneByOne(List<Map<String, Tensor>> samples) implements Questions {
      @Override
      public float[][] answers(Engine engine) throws IOException {
        float[][] answers = new float[samples.size()][];
        for (int i = 0; i < answers.length; i++) {
          answers[i] = engine.run(samples.get(i)).firstEntry().getValue().toFloats();
        }
        return answers;
      }
    }
  }

  /**
   * Asks the original.
   *
   * @param recipe for its data, engine and threads
   * @param tokens a file of JSON lines instead of a data set
   * @param random so many random samples instead of a data set; 0 for none
   */
  static Examiner of(Path original, Recipe recipe, Optional<Path> tokens, int random)
      throws IOException {
    EngineKind kind = recipe.run().engine();
    int threads = recipe.run().threads();
    try (OpenModel opened = OpenModel.open(original);
        Engine engine = Evaluation.engine(kind, opened.plain(), opened.model(), threads)) {
      if (tokens.isPresent()) {
        Questions asked = new Questions.OneByOne(NamedInputs.read(tokens.get(), engine.inputs()));
        return new Examiner(part(asked, engine), Optional.empty(), kind, threads);
      }
      if (random > 0) {
        Questions asked = new Questions.OneByOne(NamedInputs.random(engine.inputs(), random, 0));
        return new Examiner(part(asked, engine), Optional.empty(), kind, threads);
      }
      DataSplit split =
          recipe
              .data()
              .read(recipe.run().seed())
              .orElseThrow(() -> new IllegalStateException("a trial without data"));
      // A file that is all training samples is better than nothing to compare on.
      DataSet reported = split.test().isEmpty() ? split.train() : split.test();
      Part test = part(new Questions.OfData(reported, split.preprocessing()), engine);
      Optional<Part> validation =
          split.validation().isEmpty()
              ? Optional.empty()
              : Optional.of(
                  part(new Questions.OfData(split.validation(), split.preprocessing()), engine));
      return new Examiner(test, validation, kind, threads);
    }
  }

  private static Part part(Questions questions, Engine engine) throws IOException {
    float[][] answers = questions.answers(engine);
    long numbers = 0;
    for (float[] a : answers) {
      numbers += a.length;
    }
    if (numbers > MOST_NUMBERS) {
      throw new IllegalArgumentException(
          "the answers to %,d samples have %,d numbers, too many to compare; give fewer samples"
              .formatted(answers.length, numbers));
    }
    return new Part(questions, answers);
  }

  /**
   * @param validation absent if the data has no part to choose by
   */
  record Answers(Quality.Samples test, Optional<Quality> validation) {}

  /** Asks another network. */
  Answers ask(OpenModel model) throws IOException {
    try (Engine asked = Evaluation.engine(engine, model.plain(), model.model(), threads)) {
      Quality.Samples reported = samples(test, asked);
      Optional<Quality> chosenBy =
          validation.isPresent()
              ? Optional.of(samples(validation.get(), asked).mean())
              : Optional.empty();
      return new Answers(reported, chosenBy);
    }
  }

  private static Quality.Samples samples(Part part, Engine engine) throws IOException {
    return Quality.Samples.of(
        part.reference(), part.questions().answers(engine), part.questions().labels());
  }
}
