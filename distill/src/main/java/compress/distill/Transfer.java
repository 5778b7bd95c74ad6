package compress.distill;

import compress.train.data.DataSet;
import compress.train.data.DataSplit;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The samples on which a student learns from its teacher: those of the training part without some
 * classes, and more that have no labels.
 *
 * @param omitted classes whose training samples are left out
 * @param unlabelled more samples, whose labels are not looked at
 * @see <a href="https://arxiv.org/abs/1503.02531">Hinton, Vinyals and Dean 2015</a>, section 3, who
 *     call this the transfer set and leave a digit out of it
 */
public record Transfer(List<Integer> omitted, Optional<DataSet> unlabelled) {
  /** The training part as it is. */
  public static final Transfer ALL = new Transfer(List.of(), Optional.empty());

  public Transfer {
    omitted = List.copyOf(omitted);
  }

  /** What keeps the samples from being put together so; empty if nothing does. */
  List<String> check(DataSplit data) {
    for (int label : omitted) {
      if (!data.train().hasLabels() || label < 0 || label >= data.train().classes()) {
        return List.of(
            "there is no class %d to omit; the data has %d"
                .formatted(label, data.train().classes()));
      }
    }
    try {
      return of(data).train().isEmpty() && !data.train().isEmpty()
          ? List.of("all classes are omitted, which leaves nothing to learn from")
          : List.of();
    } catch (IllegalArgumentException e) {
      return List.of(String.valueOf(e.getMessage()));
    }
  }

  /** The data with another training part; validation and test stay whole. */
  DataSplit of(DataSplit data) {
    DataSet train = data.train();
    if (!omitted.isEmpty()) {
      DataSet all = train;
      train =
          all.subset(
              IntStream.range(0, all.size())
                  .filter(i -> !omitted.contains(all.label(i)))
                  .toArray());
    }
    if (unlabelled.isPresent()) {
      train = train.withUnlabelled(unlabelled.get());
    }
    return new DataSplit(train, data.validation(), data.test(), data.preprocessing());
  }
}
