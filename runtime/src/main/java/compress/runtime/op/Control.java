package compress.runtime.op;

import static java.util.Map.entry;

import compress.model.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Conditions and loops. Their bodies are graphs, planned as they run, so all their inputs have to
 * be known: in a network they are left to the run.
 */
final class Control {
  static final Map<String, Operator> ALL =
      Map.<String, Operator>ofEntries(
          entry("If", Control::choose), entry("Loop", Control::loop), entry("Scan", Control::scan));

  private Control() {}

  private static boolean isTrue(Value v) {
    return Elements.getLong(DType.BOOL, v.data(), 0) != 0;
  }

  private static void known(Call call) {
    for (int i = 0; i < call.inputs(); i++) {
      if (call.has(i) && !call.in(i).isKnown()) {
        throw new NotYetKnown();
      }
    }
  }

  private static void choose(Call call) {
    known(call);
    String branch = isTrue(call.in(0)) ? "then_branch" : "else_branch";
    List<Value> results = call.setting().run(call.node(), branch, List.of());
    for (int i = 0; i < results.size(); i++) {
      call.alias(i, results.get(i));
    }
  }

  /** Values that go from one turn to the next, then one entry a turn of each further output. */
  private static void loop(Call call) {
    known(call);
    long turns = call.has(0) ? call.longs(0)[0] : Long.MAX_VALUE;
    boolean go = !call.has(1) || isTrue(call.in(1));
    int carried = call.inputs() - 2;
    List<@Nullable Value> state = new ArrayList<>();
    for (int i = 0; i < carried; i++) {
      state.add(call.in(i + 2));
    }
    List<List<Value>> scanned = new ArrayList<>();
    for (int i = carried; i < call.node().outputs().size(); i++) {
      scanned.add(new ArrayList<>());
    }
    for (long turn = 0; turn < turns && go; turn++) {
      List<@Nullable Value> given = new ArrayList<>();
      given.add(Casts.constant(DType.I64, (double) turn));
      given.add(Casts.constant(DType.BOOL, 1));
      given.addAll(state);
      List<Value> results = call.setting().run(call.node(), "body", given);
      go = isTrue(results.getFirst());
      for (int i = 0; i < carried; i++) {
        state.set(i, results.get(i + 1));
      }
      for (int i = 0; i < scanned.size(); i++) {
        scanned.get(i).add(results.get(carried + 1 + i));
      }
    }
    for (int i = 0; i < carried; i++) {
      Value value = state.get(i);
      if (value != null) {
        call.alias(i, value);
      }
    }
    for (int i = 0; i < scanned.size(); i++) {
      stack(call, carried + i, scanned.get(i), 0, false);
    }
  }

  /** Plans an output with one entry a turn along an axis. */
  private static void stack(Call call, int output, List<Value> parts, int axis, boolean backwards) {
    if (parts.isEmpty()) {
      throw call.refuse("an output of no turns has no shape");
    }
    Value first = parts.getFirst();
    int at = axis < 0 ? axis + first.rank() + 1 : axis;
    int[] shape = new int[first.rank() + 1];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = i < at ? first.dim(i) : i == at ? parts.size() : first.dim(i - 1);
    }
    Value y = call.out(output, first.type(), shape);
    for (int i = 0; i < parts.size(); i++) {
      if (!Arrays.equals(parts.get(i).shape(), first.shape())) {
        throw call.refuse(first + " and " + parts.get(i) + " in one output");
      }
      if (first.size() > 0) {
        int place = backwards ? parts.size() - 1 - i : i;
        call.work(Copies.of(parts.get(i), y.at(at, place)));
      }
    }
  }

  private static void scan(Call call) {
    known(call);
    if (call.opset() < 9) {
      throw call.refuse("scans of operator set 8 are not offered; convert the model");
    }
    int scanned = (int) call.intAttribute("num_scan_inputs", 1);
    int carried = call.inputs() - scanned;
    int outputs = call.node().outputs().size() - carried;
    int[] axes = call.ints("scan_input_axes", scanned, 0);
    int[] backwards = call.ints("scan_input_directions", scanned, 0);
    int[] outAxes = call.ints("scan_output_axes", outputs, 0);
    int[] outBackwards = call.ints("scan_output_directions", outputs, 0);
    List<@Nullable Value> state = new ArrayList<>();
    for (int i = 0; i < carried; i++) {
      state.add(call.in(i));
    }
    List<List<Value>> results = new ArrayList<>();
    for (int i = 0; i < outputs; i++) {
      results.add(new ArrayList<>());
    }
    Value first = call.in(carried);
    int turns = first.dim(call.axis(axes[0], first.rank()));
    for (int turn = 0; turn < turns; turn++) {
      List<@Nullable Value> given = new ArrayList<>(state);
      for (int i = 0; i < scanned; i++) {
        Value x = call.in(carried + i);
        int place = backwards[i] == 1 ? turns - 1 - turn : turn;
        given.add(x.at(call.axis(axes[i], x.rank()), place));
      }
      List<Value> made = call.setting().run(call.node(), "body", given);
      for (int i = 0; i < carried; i++) {
        state.set(i, made.get(i));
      }
      for (int i = 0; i < outputs; i++) {
        results.get(i).add(made.get(carried + i));
      }
    }
    for (int i = 0; i < carried; i++) {
      Value value = state.get(i);
      if (value != null) {
        call.alias(i, value);
      }
    }
    for (int i = 0; i < outputs; i++) {
      stack(call, carried + i, results.get(i), outAxes[i], outBackwards[i] == 1);
    }
  }
}
