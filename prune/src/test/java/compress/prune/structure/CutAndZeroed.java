package compress.prune.structure;

import static org.assertj.core.api.Assertions.assertThat;

import compress.model.DType;
import compress.model.Model;
import compress.model.ModelFiles;
import compress.model.Param;
import compress.model.Shape;
import compress.model.Tensor;
import compress.model.ValueInfo;
import compress.prune.structure.ChannelGroup.Member;
import compress.train.ValueShapes;
import compress.train.onnxruntime.OnnxRuntimeEngine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import java.util.function.Predicate;

/**
 * A network cut and the same network with zeros in the same places, both run by ONNX Runtime: what
 * they compute must be the same.
 */
final class CutAndZeroed {
  private CutAndZeroed() {}

  static Structure structure(Model model) throws Exception {
    return Structure.of(model, ValueShapes.of(model, 2));
  }

  /**
   * Cuts, of each group that {@code which} takes, about {@code share} of the units, at random;
   * gives the smaller network.
   */
  static Model check(
      Path folder, Structure structure, double share, long seed, Predicate<ChannelGroup> which)
      throws Exception {
    Model model = structure.model();
    SplittableRandom random = new SplittableRandom(seed);
    List<BitSet> units = new ArrayList<>();
    for (ChannelGroup group : structure.groups()) {
      BitSet chosen = new BitSet();
      if (group.barrier().isEmpty() && which.test(group)) {
        int count = Math.clamp(Math.round(share * group.units()), 1, group.units() - 1);
        while (chosen.cardinality() < count) {
          chosen.set(random.nextInt(group.units()));
        }
      }
      units.add(chosen);
    }
    Cutter cutter = new Cutter(structure, units);
    Model cut = cutter.model();
    // Zeros in all that a unit has, and only in what reads it: either stops what it contributes.
    Model zeroed = zeroed(model, structure, units, m -> true);
    Model unread = zeroed(model, structure, units, m -> m.isWeight() && !m.produces());
    String where = "seed " + seed + ", share " + share;
    // A batch of 3, which no rule has seen.
    SequencedMap<String, Tensor> inputs = inputs(model, random, 3);
    SequencedMap<String, Tensor> actual = run(folder, cut, inputs);
    assertClose(run(folder, zeroed, inputs), actual, where);
    assertClose(run(folder, unread, inputs), actual, where + ", unread");
    SequencedMap<String, Shape> predicted = cutter.shapes();
    ValueShapes.of(cut, 2)
        .forEach((value, shape) -> {
          if (predicted.containsKey(value)) {
            assertThat(shape).as("%s, shape of %s", where, value).isEqualTo(predicted.get(value));
          }
        });
    return cut;
  }

  private static Model zeroed(
      Model model, Structure structure, List<BitSet> units, Predicate<Member> where) {
    Map<String, float[]> changed = new LinkedHashMap<>();
    for (int g = 0; g < units.size(); g++) {
      for (Member member : structure.groups().get(g).members()) {
        Param param = model.param(member.param());
        if (!param.type().isFloat() || !where.test(member)) {
          continue;
        }
        float[] values = changed.computeIfAbsent(member.param(), name -> param.values().toFloats());
        BitSet gone = new BitSet();
        for (int unit : units.get(g).stream().toArray()) {
          Arrays.stream(member.indices().get(unit)).forEach(gone::set);
        }
        zero(values, param.shape(), member.axis(), gone);
      }
    }
    List<Param> params = new ArrayList<>();
    changed.forEach(
        (name, values) -> params.add(Param.of(name, Tensor.of(model.param(name).shape(), values))));
    return model.with(params);
  }

  private static void zero(float[] values, Shape shape, int axis, BitSet gone) {
    long inner = 1;
    for (int a = axis + 1; a < shape.rank(); a++) {
      inner *= shape.dim(a);
    }
    for (int i = 0; i < values.length; i++) {
      values[i] = gone.get((int) (i / inner % shape.dim(axis))) ? 0 : values[i];
    }
  }

  private static SequencedMap<String, Tensor> inputs(
      Model model, SplittableRandom random, long batch) {
    SequencedMap<String, Shape> shapes = ValueShapes.inputs(model.graph().orElseThrow(), batch);
    SequencedMap<String, Tensor> inputs = new LinkedHashMap<>();
    for (ValueInfo input : model.graph().orElseThrow().inputs()) {
      Shape shape = Objects.requireNonNull(shapes.get(input.name()));
      if (input.type().orElseThrow() == DType.F32) {
        float[] values = new float[(int) shape.size()];
        for (int i = 0; i < values.length; i++) {
          values[i] = (float) random.nextGaussian();
        }
        inputs.put(input.name(), Tensor.of(shape, values));
      } else {
        // Token ids, types and attention masks: 0 and 1 are good for all.
        long[] values = new long[(int) shape.size()];
        for (int i = 0; i < values.length; i++) {
          values[i] = input.name().equals("input_ids") ? random.nextInt(1, 9) : 1;
        }
        inputs.put(input.name(), Tensor.ofLongs(shape, values));
      }
    }
    return inputs;
  }

  static SequencedMap<String, Tensor> run(
      Path folder, Model model, SequencedMap<String, Tensor> inputs) throws Exception {
    Path file = Files.createTempFile(folder, "net", ".onnx");
    ModelFiles.write(model, file);
    try (OnnxRuntimeEngine engine = new OnnxRuntimeEngine(file, 1)) {
      return engine.run(inputs);
    } finally {
      Files.delete(file);
    }
  }

  /** To 1e-5 of the largest output: sums of other lengths are added in another order. */
  private static void assertClose(
      SequencedMap<String, Tensor> expected, SequencedMap<String, Tensor> actual, String where) {
    assertThat(actual.keySet()).isEqualTo(expected.keySet());
    expected.forEach((name, tensor) -> {
      float[] wanted = tensor.toFloats();
      float[] got = Objects.requireNonNull(actual.get(name)).toFloats();
      assertThat(got).as("%s, length of %s", where, name).hasSameSizeAs(wanted);
      double largest = 1e-3;
      double apart = 0;
      for (int i = 0; i < wanted.length; i++) {
        assertThat(wanted[i]).as("%s, %s[%d]", where, name, i).isFinite();
        largest = Math.max(largest, Math.abs(wanted[i]));
        apart = Math.max(apart, Math.abs((double) wanted[i] - got[i]));
      }
      assertThat(apart).as("%s, largest difference in %s", where, name).isLessThan(1e-5 * largest);
    });
  }
}
