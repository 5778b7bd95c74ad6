package compress.runtime.op;

import compress.model.DType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Sums of products by named axes. */
final class Einsums {
  static final Map<String, Operator> ALL = Map.of("Einsum", Einsums::plan);

  private Einsums() {}

  private static void plan(Call call) {
    String equation = call.text("equation", "").replace(" ", "");
    String[] sides = equation.split("->", -1);
    String[] terms = sides[0].split(",", -1);
    if (terms.length != call.inputs()) {
      throw call.refuse("'" + equation + "' for " + call.inputs() + " inputs");
    }
    int dots = 0;
    for (int i = 0; i < terms.length; i++) {
      if (terms[i].contains("...")) {
        dots = Math.max(dots, call.in(i).rank() - terms[i].length() + 3);
      }
    }
    Map<Character, Integer> lengths = new HashMap<>();
    List<String> names = new ArrayList<>();
    for (int i = 0; i < terms.length; i++) {
      int mine = terms[i].contains("...") ? call.in(i).rank() - terms[i].length() + 3 : 0;
      String name = terms[i].replace("...", digits(dots - mine, dots));
      if (name.length() != call.in(i).rank()) {
        throw call.refuse("'" + terms[i] + "' for " + call.in(i));
      }
      for (int axis = 0; axis < name.length(); axis++) {
        lengths.merge(name.charAt(axis), call.in(i).dim(axis), Math::max);
      }
      names.add(name);
    }
    String out = sides.length > 1 ? sides[1].replace("...", digits(0, dots)) : implied(names, dots);
    compute(call, names, out, lengths);
  }

  /** Names for the axes that dots stand for. */
  private static String digits(int from, int to) {
    StringBuilder b = new StringBuilder();
    for (int i = from; i < to; i++) {
      b.append((char) ('0' + i));
    }
    return b.toString();
  }

  /** Axes that stand once, in the order of the alphabet, those of dots first. */
  private static String implied(List<String> names, int dots) {
    String all = String.join("", names);
    StringBuilder out = new StringBuilder(digits(0, dots));
    all.chars()
        .filter(c -> Character.isLetter(c) && all.indexOf(c) == all.lastIndexOf(c))
        .sorted()
        .forEach(c -> out.append((char) c));
    return out.toString();
  }

  private static void compute(
      Call call, List<String> names, String out, Map<Character, Integer> lengths) {
    StringBuilder summed = new StringBuilder();
    for (String name : names) {
      for (int i = 0; i < name.length(); i++) {
        char c = name.charAt(i);
        if (out.indexOf(c) < 0 && summed.indexOf(String.valueOf(c)) < 0) {
          summed.append(c);
        }
      }
    }
    String loops = out + summed;
    int[] shape = new int[out.length()];
    for (int i = 0; i < shape.length; i++) {
      Integer length = lengths.get(out.charAt(i));
      if (length == null) {
        throw call.refuse("axis '" + out.charAt(i) + "' of the result is in no input");
      }
      shape[i] = length;
    }
    DType type = call.in(0).type();
    if (!type.isFloat() || type.bits() < 16) {
      throw call.refuse("sums of " + type + " are not offered");
    }
    Value y = call.out(0, type, shape);
    int[] all = new int[loops.length()];
    long[][] strides = new long[names.size()][loops.length()];
    long terms = 1;
    for (int i = 0; i < all.length; i++) {
      all[i] = lengths.getOrDefault(loops.charAt(i), 1);
      terms *= i >= shape.length ? all[i] : 1;
      for (int v = 0; v < names.size(); v++) {
        // The diagonal, if an axis stands twice.
        for (int axis = 0; axis < names.get(v).length(); axis++) {
          boolean mine = names.get(v).charAt(axis) == loops.charAt(i);
          strides[v][i] += mine && call.in(v).dim(axis) > 1 ? call.in(v).stride(axis) : 0;
        }
      }
    }
    long count = terms;
    int results = (int) y.size();
    call.work(threads ->
        threads.run(
            results,
            results * count,
            (task, worker) -> {
              double sum = 0;
              for (long t = 0; t < count; t++) {
                double product = 1;
                for (int v = 0; v < strides.length; v++) {
                  long at = place(all, strides[v], shape.length, task, t);
                  product *= Elements.getDouble(type, call.in(v).data(), at);
                }
                sum += product;
              }
              Elements.putDouble(type, y.data(), task, sum);
            }));
  }

  private static long place(int[] loops, long[] strides, int outer, long result, long term) {
    long at = 0;
    for (int i = loops.length - 1; i >= 0; i--) {
      long left = i >= outer ? term : result;
      at += left % loops[i] * strides[i];
      if (i >= outer) {
        term /= loops[i];
      } else {
        result /= loops[i];
      }
    }
    return at;
  }
}
