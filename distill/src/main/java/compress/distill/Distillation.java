package compress.distill;

import compress.model.Model;
import compress.train.Context;
import compress.train.Fingerprint;
import compress.train.Guidance;
import compress.train.Guide;
import compress.train.TrainOptions;
import compress.train.data.DataSplit;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * From whom a student learns, and how: the loss of a batch is {@code (1 - lambda) CE(labels) +
 * lambda (sum of weight times loss)}. Without labels its first part is left out, and the second
 * counts whole.
 *
 * @param losses at least one
 * @param temperature of the losses that soften scores; above 0
 * @param lambda from 0 to 1
 * @param pairs of values inside, by hand, a teacher's and a student's name each; found by their
 *     shapes if there are none
 * @param cache where the teacher's answers are kept
 */
public record Distillation(
    Model teacher,
    List<Weighted> losses,
    Ramp temperature,
    Ramp lambda,
    List<Pair> pairs,
    Cache cache)
    implements Guide {
  /**
   * Where answers are kept that are asked for once.
   *
   * @param mostBytes on disk; for more the teacher is asked at each step
   * @param folder where they stay for other trainings; empty to keep them for one
   */
  public record Cache(long mostBytes, Optional<Path> folder) {
    /** 4 GiB, for one training. */
    public static final Cache USUAL = new Cache(4L << 30, Optional.empty());
  }

  /**
   * @param weight what the loss is multiplied with, above 0
   */
  public record Weighted(Loss loss, double weight) {
    public Weighted {
      if (!(weight > 0) || Double.isInfinite(weight)) {
        throw new IllegalArgumentException(
            "the weight of loss '%s' must be above 0, not %s".formatted(loss.name(), weight));
      }
    }
  }

  /** The names of two values that belong together. */
  public record Pair(String teacher, String student) {}

  public Distillation {
    losses = List.copyOf(losses);
    pairs = List.copyOf(pairs);
    if (losses.isEmpty()) {
      throw new IllegalArgumentException("a distillation needs a loss");
    }
    if (!(temperature.least() > 0)) {
      throw new IllegalArgumentException("temperature must be above 0, not " + temperature.least());
    }
    if (!(lambda.least() >= 0 && lambda.most() <= 1)) {
      throw new IllegalArgumentException(
          "lambda must be from 0 to 1, not "
              + (lambda.least() < 0 ? lambda.least() : lambda.most()));
    }
    if (!pairs.isEmpty()
        && losses.stream().allMatch(l -> l.loss().subject() == Loss.Subject.SCORES)) {
      throw new IllegalArgumentException(
          "pairs are for losses that look inside: hint, attention, distance, angle, cosine, mse");
    }
  }

  /** Soft targets at one temperature. */
  public static Distillation soft(Model teacher, double temperature, double lambda) {
    return new Distillation(
        teacher,
        List.of(new Weighted(Losses.named("soft"), 1)),
        Ramp.constant(temperature),
        Ramp.constant(lambda),
        List.of(),
        Cache.USUAL);
  }

  public Distillation withLosses(List<Weighted> to) {
    return new Distillation(teacher, to, temperature, lambda, pairs, cache);
  }

  public Distillation withTeacher(Model to) {
    return new Distillation(to, losses, temperature, lambda, pairs, cache);
  }

  public Distillation withPairs(List<Pair> to) {
    return new Distillation(teacher, losses, temperature, lambda, to, cache);
  }

  public Distillation withCache(Cache to) {
    return new Distillation(teacher, losses, temperature, lambda, pairs, to);
  }

  @Override
  public List<String> check(Model student, DataSplit data, TrainOptions options) {
    List<String> wrong = new ArrayList<>(Teacher.check(teacher, data));
    if (!data.train().hasLabels() && lambda.most() == 0) {
      wrong.add("without labels and with lambda 0 there is nothing to learn from");
    }
    if (wrong.isEmpty()) {
      try {
        terms(student, wrong);
      } catch (IllegalArgumentException | IOException e) {
        wrong.add(String.valueOf(e.getMessage()));
      }
    }
    return wrong;
  }

  /**
   * What will be compared, a line for each loss and pair: {@code attention: conv1.out [16, 32, 32]
   * = conv1.out [8, 32, 32]}.
   *
   * @throws IllegalArgumentException if something cannot be
   */
  public List<String> comparisons(Model student) throws IOException {
    List<String> wrong = new ArrayList<>();
    List<Term> terms = terms(student, wrong);
    if (!wrong.isEmpty()) {
      throw new IllegalArgumentException(String.join("\n", wrong));
    }
    return terms.stream().map(Term::toString).toList();
  }

  /** One loss on one pair. */
  record Term(Loss loss, double weight, Pairs.Pair pair) {
    @Override
    public String toString() {
      return loss.name() + ": " + pair;
    }
  }

  /**
   * @param wrong receives what cannot be compared, and why
   */
  List<Term> terms(Model student, List<String> wrong) throws IOException {
    Landmarks theirs = Landmarks.of(teacher);
    Landmarks own = Landmarks.of(student);
    List<Pairs.Names> named =
        pairs.stream().map(p -> new Pairs.Names(p.teacher(), p.student())).toList();
    Pairs found = new Pairs(theirs, own, named);
    List<Term> terms = new ArrayList<>();
    for (Weighted weighted : losses) {
      Loss loss = weighted.loss();
      List<Pairs.Pair> compared = found.of(loss.subject());
      if (compared.isEmpty()) {
        wrong.add(
            ("loss '%s' found no values of teacher and student that share their shape; name some"
                    + " with --pair TEACHER=STUDENT, of the teacher: %s; of the student: %s")
                .formatted(loss.name(), some(theirs), some(own)));
      }
      for (Pairs.Pair pair : compared) {
        loss.objection()
            .to(pair.teacher(), pair.student())
            .ifPresent(why -> wrong.add("loss '%s': %s".formatted(loss.name(), why)));
        terms.add(new Term(loss, weighted.weight(), pair));
      }
    }
    return terms;
  }

  private static String some(Landmarks network) {
    List<String> names = network.inside().stream().map(Loss.Value::name).toList();
    int shown = Math.min(8, names.size());
    return String.join(", ", names.subList(0, shown)) + (shown < names.size() ? ", ..." : "");
  }

  @Override
  public Guidance begin(Model student, DataSplit data, TrainOptions options, Context context)
      throws IOException {
    List<String> wrong = new ArrayList<>();
    List<Term> terms = terms(student, wrong);
    if (!wrong.isEmpty()) {
      throw new IllegalArgumentException(String.join("\n", wrong));
    }
    return TeacherGuidance.of(this, terms, student, data, options, context);
  }

  @Override
  public String describe() {
    Fingerprint inputs = new Fingerprint().add(teacher).add(temperature).add(lambda).add(pairs);
    losses.forEach(l -> inputs.add(l.loss().name()).add(l.weight()));
    return inputs.hex();
  }
}
