package compress.distill;

import compress.distill.Loss.Sides;
import compress.distill.Loss.Subject;
import compress.distill.Loss.Value;
import compress.model.NearestName;
import compress.model.Shape;
import compress.model.Tensor;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * The losses. In their formulas {@code s} and {@code t} are what is seen of student and teacher.
 */
public final class Losses {
  /** All of them, in the order of {@code --help}. */
  public static final List<Loss> ALL =
      List.of(
          new Loss(
              "soft",
              "the teacher's softened answers (Hinton)",
              1,
              Subject.SCORES,
              Losses::differentScores,
              Losses::flat,
              Losses::soft),
          new Loss(
              "reverse",
              "the same divergence the other way round",
              1,
              Subject.SCORES,
              Losses::differentScores,
              Losses::flat,
              Losses::reverse),
          new Loss(
              "logits",
              "its scores, by squares (Ba and Caruana)",
              1,
              Subject.SCORES,
              Losses::differentScores,
              Losses::flat,
              Losses::logits),
          new Loss(
              "hint",
              "values in the middle, through a learned adapter (FitNets)",
              1,
              Subject.MIDDLE,
              Losses::noAdapter,
              (graph, value) -> value.name(),
              Losses::hint),
          new Loss(
              "attention",
              "where it looks (attention transfer)",
              1000,
              Subject.STAGES,
              Losses::differentPlaces,
              Losses::attentionMap,
              Losses::attention),
          new Loss(
              "distance",
              "how far samples are apart (RKD)",
              25,
              Subject.EMBEDDING,
              (teacher, student) -> Optional.empty(),
              Losses::embedding,
              Losses::distance),
          new Loss(
              "angle",
              "the angles between three samples (RKD)",
              50,
              Subject.EMBEDDING,
              (teacher, student) -> Optional.empty(),
              Losses::embedding,
              Losses::angle),
          new Loss(
              "cosine",
              "the direction of embeddings",
              1,
              Subject.EMBEDDING,
              Losses::differentEmbeddings,
              Losses::embedding,
              Losses::cosine),
          new Loss(
              "mse",
              "embeddings, by squares",
              1,
              Subject.EMBEDDING,
              Losses::differentEmbeddings,
              Losses::embedding,
              Losses::meanSquare));

  private Losses() {}

  /**
   * The loss of that name.
   *
   * @throws IllegalArgumentException naming the nearest that there is
   */
  public static Loss named(String name) {
    List<String> names = ALL.stream().map(Loss::name).toList();
    return ALL.stream()
        .filter(l -> l.name().equals(name))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "no loss is called '%s'%s; there are: %s"
                    .formatted(name, NearestName.hint(name, names), String.join(", ", names))));
  }

  private static String flat(Sketch graph, Value value) {
    return graph.flat(value.name());
  }

  private static Optional<String> differentScores(Value teacher, Value student) {
    return differ(
        teacher.sample().size(),
        student.sample().size(),
        "the teacher has %d scores for a sample, the student %d");
  }

  private static Optional<String> differ(long teacher, long student, String complaint) {
    return teacher == student
        ? Optional.empty()
        : Optional.of(complaint.formatted(teacher, student));
  }

  /**
   * {@code T^2 KL(softmax(t / T) || softmax(s / T))}, which has the gradient of the cross-entropy
   * with softened answers.
   *
   * @see <a href="https://arxiv.org/abs/1503.02531">Hinton, Vinyals and Dean 2015</a>, section 2;
   *     the factor is theirs, so that gradients keep their size when the temperature changes
   */
  private static String soft(Sketch graph, Sides sides) {
    return divergence(graph, sides.temperature(), sides.teacher(), sides.student());
  }

  /**
   * {@code T^2 KL(softmax(s / T) || softmax(t / T))}: the student may leave out what the teacher
   * holds possible, but should not add to it.
   *
   * @see <a href="https://arxiv.org/abs/2306.08543">Gu et al. 2024</a>, section 2.1
   */
  private static String reverse(Sketch graph, Sides sides) {
    return divergence(graph, sides.temperature(), sides.student(), sides.teacher());
  }

  static String divergence(Sketch graph, String temperature, String from, String to) {
    String p = graph.logSoftmax(graph.div(from, temperature));
    String q = graph.logSoftmax(graph.div(to, temperature));
    String rows = graph.sum(graph.mul(graph.node("Exp", p), graph.sub(p, q)), false, 1);
    return graph.mul(graph.mean(rows), graph.square(temperature));
  }

  /**
   * {@code 0.5 ||s - t||^2}, the mean over samples.
   *
   * @see <a href="https://arxiv.org/abs/1312.6184">Ba and Caruana 2014</a>, equation 1
   */
  private static String logits(Sketch graph, Sides sides) {
    String squares = graph.sum(squaredDifference(graph, sides), false, 1);
    return graph.times(graph.mean(squares), 0.5);
  }

  private static String squaredDifference(Sketch graph, Sides sides) {
    return graph.square(graph.sub(sides.student(), sides.teacher()));
  }

  private static Optional<String> noAdapter(Value teacher, Value student) {
    if (teacher.sample().rank() != student.sample().rank()) {
      return Optional.of(
          "%s of the teacher is %s for a sample, %s of the student %s: no adapter joins them"
              .formatted(teacher.name(), teacher.sample(), student.name(), student.sample()));
    }
    boolean smaller =
        teacher.isImage()
            && (student.sample().dim(1) < teacher.sample().dim(1)
                || student.sample().dim(2) < teacher.sample().dim(2));
    return smaller
        ? Optional.of(
            "%s of the student is %s for a sample, smaller than %s of the teacher, %s; an adapter"
                    .formatted(student.name(), student.sample(), teacher.name(), teacher.sample())
                + " can only shrink it")
        : Optional.empty();
  }

  /**
   * {@code 0.5 (r(s) - t)^2}, the mean over all entries. The adapter {@code r} learns with the
   * student: of images a convolution that is as large as needed to make the student's places the
   * teacher's, of rows a matrix. There is none where both have one shape.
   *
   * @see <a href="https://arxiv.org/abs/1412.6550">Romero et al. 2015</a>, equation 3; they train
   *     up to the hint first and the whole student afterwards, here both are trained at once
   */
  private static String hint(Sketch graph, Sides sides) {
    Shape teacher = sides.teacherValue().sample();
    Shape student = sides.studentValue().sample();
    String adapted =
        teacher.equals(student) ? sides.student() : adapted(graph, sides, teacher, student);
    String squares = graph.square(graph.sub(adapted, sides.teacher()));
    if (sides.studentValue().isTokens()) {
      String there = graph.unsqueeze(graph.toFloat(sides.studentValue().mask().orElseThrow()), 2);
      String entries = graph.times(graph.sum(there), (double) teacher.dim(-1));
      return graph.times(graph.div(graph.sum(graph.mul(squares, there)), entries), 0.5);
    }
    return graph.times(graph.mean(squares), 0.5);
  }

  private static String adapted(Sketch graph, Sides sides, Shape teacher, Shape student) {
    if (sides.teacherValue().isImage()) {
      long height = student.dim(1) - teacher.dim(1) + 1;
      long width = student.dim(2) - teacher.dim(2) + 1;
      Shape shape = Shape.of(teacher.dim(0), student.dim(0), height, width);
      return graph.node(
          "Conv",
          sides.student(),
          graph.param("adapter", random(shape, student.dim(0) * height * width, sides.seed())),
          graph.param("bias", zeros(teacher.dim(0))));
    }
    Shape shape = Shape.of(student.dim(-1), teacher.dim(-1));
    String weight = graph.param("adapter", random(shape, student.dim(-1), sides.seed()));
    String bias = graph.param("bias", zeros(teacher.dim(-1)));
    return graph.add(graph.node("MatMul", sides.student(), weight), bias);
  }

  /** Normal, of a variance that keeps the size of what it is multiplied with. */
  private static Tensor random(Shape shape, long inputs, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[Math.toIntExact(shape.size())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (random.nextGaussian() / Math.sqrt((double) inputs));
    }
    return Tensor.of(shape, values);
  }

  private static Tensor zeros(long length) {
    return Tensor.of(Shape.of(length), new float[Math.toIntExact(length)]);
  }

  private static Optional<String> differentPlaces(Value teacher, Value student) {
    for (Value value : List.of(teacher, student)) {
      if (!value.isImage() && !value.isTokens()) {
        return Optional.of(
            "%s is %s for a sample: no places to look at".formatted(value.name(), value.sample()));
      }
    }
    boolean same =
        teacher.isImage() == student.isImage()
            && (!teacher.isImage()
                || teacher.sample().dim(1) == student.sample().dim(1)
                    && teacher.sample().dim(2) == student.sample().dim(2));
    return same
        ? Optional.empty()
        : Optional.of(
            "%s of the teacher is %s for a sample, %s of the student %s: not the same places"
                .formatted(teacher.name(), teacher.sample(), student.name(), student.sample()));
  }

  /** The sum of squares over channels, a row for each sample, divided by its length. */
  private static String attentionMap(Sketch graph, Value value) {
    String squares = graph.square(value.name());
    if (value.isTokens()) {
      String there = graph.toFloat(value.mask().orElseThrow());
      return graph.unitRows(graph.mul(graph.sum(squares, false, 2), there));
    }
    return graph.unitRows(graph.flat(graph.sum(squares, true, 1)));
  }

  /**
   * {@code (s - t)^2} of attention maps of length 1, the mean over places and samples.
   *
   * @see <a href="https://arxiv.org/abs/1612.03928">Zagoruyko and Komodakis 2017</a>, equation 2 as
   *     their program has it: the mean of squares in place of the length
   */
  private static String attention(Sketch graph, Sides sides) {
    return graph.mean(squaredDifference(graph, sides));
  }

  /** One row a sample: the mean over the places of an image, or over the tokens that are there. */
  private static String embedding(Sketch graph, Value value) {
    if (value.isTokens()) {
      String there = graph.unsqueeze(graph.toFloat(value.mask().orElseThrow()), 2);
      String sum = graph.sum(graph.mul(value.name(), there), false, 1);
      return graph.div(sum, graph.atLeast(graph.sum(there, false, 1), 1));
    }
    return value.isImage()
        ? graph.flat(graph.mean(value.name(), true, 2L, 3L))
        : graph.flat(value.name());
  }

  private static Optional<String> differentEmbeddings(Value teacher, Value student) {
    return differ(
        embeddingLength(teacher),
        embeddingLength(student),
        "the teacher's embedding has %d numbers, the student's %d; 'hint' learns an adapter, and"
            + " 'distance' and 'angle' compare samples with each other");
  }

  private static long embeddingLength(Value value) {
    Shape sample = value.sample();
    return value.isTokens() ? sample.dim(1) : value.isImage() ? sample.dim(0) : sample.size();
  }

  /**
   * The Huber loss of differences between {@code ||s_i - s_j||} and {@code ||t_i - t_j||}, each
   * divided by its mean over the batch's different samples; the mean over all {@code n^2} pairs.
   *
   * @see <a href="https://arxiv.org/abs/1904.05068">Park et al. 2019</a>, section 3.2.1
   */
  private static String distance(Sketch graph, Sides sides) {
    return graph.mean(
        graph.huber(
            graph.sub(distances(graph, sides.student()), distances(graph, sides.teacher()))));
  }

  /** {@code e_j - e_i} as {@code [n, n, length]}. */
  private static String differences(Sketch graph, String rows) {
    return graph.sub(graph.unsqueeze(rows, 0), graph.unsqueeze(rows, 1));
  }

  private static String distances(Sketch graph, String rows) {
    String squares = graph.sum(graph.square(differences(graph, rows)), false, 2);
    // The gradient of a root at 0 is infinite; below the bound there is none.
    String lengths = graph.node("Sqrt", graph.atLeast(squares, 1e-12));
    String apart = graph.toFloat(graph.node("Greater", lengths, graph.number(1e-5)));
    String mean = graph.div(graph.sum(lengths), graph.atLeast(graph.sum(apart), 1));
    return graph.div(lengths, mean);
  }

  /**
   * The Huber loss of differences between the cosines of the angles at {@code j} between {@code i}
   * and {@code k}; the mean over all {@code n^3} triples, which counts those with two equal ones as
   * 0, as the authors' program does.
   *
   * @see <a href="https://arxiv.org/abs/1904.05068">Park et al. 2019</a>, section 3.2.2
   */
  private static String angle(Sketch graph, Sides sides) {
    return graph.mean(
        graph.huber(graph.sub(cosines(graph, sides.student()), cosines(graph, sides.teacher()))));
  }

  private static String cosines(Sketch graph, String rows) {
    String directions = graph.unitRows(differences(graph, rows));
    return graph.node("MatMul", directions, graph.transpose(directions, 0L, 2L, 1L));
  }

  /** {@code 1 - cos(s, t)}, the mean over samples. */
  private static String cosine(Sketch graph, Sides sides) {
    String product = graph.mul(graph.unitRows(sides.student()), graph.unitRows(sides.teacher()));
    return graph.sub(graph.number(1), graph.mean(graph.sum(product, false, 1)));
  }

  /** {@code (s - t)^2}, the mean over entries. */
  private static String meanSquare(Sketch graph, Sides sides) {
    return graph.mean(squaredDifference(graph, sides));
  }
}
