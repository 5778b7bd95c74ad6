package compress.train;

import compress.model.Model;
import compress.train.data.DataSplit;
import java.io.IOException;
import java.util.List;

/** What a network learns from besides labels: a teacher, or its peers. */
public interface Guide {
  /**
   * Everything that would make a training of {@code student} with it fail, each a sentence for the
   * user. Nothing is trained.
   */
  List<String> check(Model student, DataSplit data, TrainOptions options);

  /**
   * Gets ready for one training; {@link #check} has found nothing.
   *
   * @param student the network as it is run, whose values the {@link Guidance} may name
   */
  Guidance begin(Model student, DataSplit data, TrainOptions options, Context context)
      throws IOException;

  /** What tells it from others: part of a checkpoint's name. */
  String describe();
}
