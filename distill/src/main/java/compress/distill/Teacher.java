package compress.distill;

import compress.distill.Distillation.Term;
import compress.distill.Loss.Value;
import compress.model.Model;
import compress.train.data.DataSplit;
import compress.train.data.Feed;
import compress.train.torch.TorchEngine;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * A teacher as far as it is asked: a network whose outputs are the views that the losses take of
 * it.
 */
final class Teacher {
  private final Model model;
  private final List<Term> terms;

  /** For each term the output that is its view; terms that see the same share one. */
  private final List<String> views = new ArrayList<>();

  private final Model asked;

  Teacher(Model model, List<Term> terms) {
    this.model = model;
    this.terms = List.copyOf(terms);
    Sketch sketch = new Sketch("teacher/");
    SequencedMap<List<Object>, String> seen = new LinkedHashMap<>();
    for (Term term : terms) {
      Value value = term.pair().teacher();
      String kind = term.loss().subject() + (term.loss().viewHasTokens(value) ? " tokens" : "");
      views.add(
          seen.computeIfAbsent(
              List.of(value.name(), kind),
              // An output of its own, even if the view is the value itself.
              k -> sketch.node("Identity", term.loss().view().of(sketch, value))));
    }
    this.asked = sketch.behind(model, List.copyOf(seen.sequencedValues()));
  }

  /** What would keep a teacher from answering. */
  static List<String> check(Model model, DataSplit data) {
    List<String> wrong = new ArrayList<>();
    TorchEngine.refusals(model).forEach(why -> wrong.add("teacher: " + why));
    if (model.graph().isPresent()) {
      try {
        Feed.of(data.train(), data.preprocessing(), model.graph().get().inputs());
      } catch (IllegalArgumentException e) {
        wrong.add("teacher: " + e.getMessage());
      }
    }
    return wrong;
  }

  /** The network as it came. */
  Model model() {
    return model;
  }

  /** The network with the views as its outputs. */
  Model asked() {
    return asked;
  }

  /** The output that is the view of term {@code i}. */
  String view(int i) {
    return views.get(i);
  }

  /** Whether a view is longer for a longer sequence. */
  boolean varies() {
    return terms.stream().anyMatch(t -> t.loss().viewHasTokens(t.pair().teacher()));
  }
}
