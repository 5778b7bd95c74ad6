package compress.prune.structure;

import static compress.prune.structure.Nets.integer;
import static compress.prune.structure.Nets.ints;
import static org.assertj.core.api.Assertions.assertThat;

import compress.model.Attribute;
import compress.model.DType;
import compress.model.Model;
import compress.model.Node;
import compress.prune.structure.ChannelGroup.Kind;
import compress.prune.structure.ChannelGroup.Member;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each way in which dimensions hang together, cut at three ratios and compared with zeros. */
class CouplingsTest {
  @TempDir Path folder;

  private static Nets image(long opset) {
    Nets n = new Nets(opset, opset);
    n.input("x", DType.F32, 3, 8, 8);
    return n;
  }

  private static Case ended(String name, int freeGroups, Nets n, String features, int count) {
    return new Case(name, freeGroups, n.model(n.gemm(n.flatten(n.pool(features)), count, 5)));
  }

  static Stream<Arguments> networks() {
    return Stream.of(
            chain(),
            residual(13),
            concat(),
            split(13),
            split(11),
            split(18),
            evenSplit(),
            depthwise(),
            grouped(),
            flattened(),
            shuffled(),
            padded(13),
            padded(9),
            padded(18),
            sliced(13),
            sliced(9),
            permuted(),
            gated(),
            transposed(),
            normalized(),
            channelsLast(),
            resized(),
            tied(),
            attention(false),
            attention(true),
            sharedKeys(),
            filled(),
            expanded(),
            depthMultiplier(),
            reducedPlaces(),
            byMatrixOnTheLeft(),
            packed(true),
            packed(false),
            quantizedBetween())
        .map(Arguments::of);
  }

  @ParameterizedTest
  @MethodSource("networks")
  void cutIsZeroed(Case net) throws Exception {
    Structure structure = CutAndZeroed.structure(net.model());
    assertThat(structure.groups().stream().filter(g -> g.barrier().isEmpty()))
        .as("groups of %s: %s", net, structure.groups())
        .hasSize(net.freeGroups());
    for (double share : new double[] {0.2, 0.5, 0.8}) {
      Model cut = CutAndZeroed.check(folder, structure, share, 17, g -> true);
      assertThat(cut.parameters()).isLessThan(net.model().parameters());
    }
  }

  private static Case chain() {
    Nets n = image(13);
    String x = n.relu(n.bn(n.conv("x", 3, 6), 6));
    x = n.node("PRelu", Map.of(), n.conv(x, 6, 8), n.param("slope", 8, 1, 1));
    return ended("chain", 2, n, x, 8);
  }

  private static Case residual(long opset) {
    Nets n = image(opset);
    String x = n.relu(n.conv("x", 3, 8));
    for (int block = 0; block < 2; block++) {
      String inner = n.bn(n.conv(n.relu(n.conv(x, 8, 6)), 6, 8), 8);
      x = n.relu(n.node("Add", Map.of(), inner, x));
    }
    return ended("residual", 3, n, x, 8);
  }

  private static Case concat() {
    Nets n = image(13);
    String a = n.relu(n.conv("x", 3, 6));
    String b = n.relu(n.conv(a, 6, 4));
    String c = n.relu(n.conv(a, 6, 7));
    String joined = n.node("Concat", Map.of("axis", integer(1)), b, a, c);
    return ended("concat, one part of which goes on elsewhere", 4, n, n.conv(joined, 17, 5), 5);
  }

  private static Case split(long opset) {
    Nets n = image(opset);
    String x = n.relu(n.conv("x", 3, 10));
    List<String> parts =
        opset < 13
            ? n.nodes("Split", Map.of("axis", integer(1), "split", ints(4, 6)), 2, x)
            : n.nodes("Split", Map.of("axis", integer(1)), 2, x, n.longs("sizes", 4, 6));
    String a = n.conv(parts.get(0), 4, 5);
    String b = n.conv(parts.get(1), 6, 5);
    return ended("split, operator set " + opset, 3, n, n.node("Add", Map.of(), a, b), 5);
  }

  private static Case evenSplit() {
    Nets n = image(18);
    String x = n.conv("x", 3, 8);
    List<String> parts =
        n.nodes("Split", Map.of("axis", integer(1), "num_outputs", integer(2)), 2, x);
    String gate = n.node("Sigmoid", Map.of(), parts.get(1));
    return ended("gated linear unit", 1, n, n.node("Mul", Map.of(), parts.get(0), gate), 4);
  }

  private static Case depthwise() {
    Nets n = image(13);
    String x = n.relu(n.conv("x", 3, 8));
    x = n.relu(n.bn(n.conv(x, 8, 8, 3, 8), 8));
    return ended("depthwise", 2, n, n.relu(n.conv(x, 8, 6, 1, 1)), 6);
  }

  private static Case depthMultiplier() {
    Nets n = image(13);
    String x = n.relu(n.conv("x", 3, 4));
    x = n.relu(n.conv(x, 4, 12, 3, 4));
    return ended("depthwise with three outputs a channel", 2, n, n.conv(x, 12, 6, 1, 1), 6);
  }

  private static Case grouped() {
    Nets n = image(13);
    String x = n.relu(n.conv("x", 3, 12));
    x = n.relu(n.conv(x, 12, 15, 3, 3));
    return ended("grouped", 2, n, x, 15);
  }

  private static Case flattened() {
    Nets n = image(13);
    String x = n.node("MaxPool", Map.of("kernel_shape", ints(4, 4), "strides", ints(4, 4)), "x");
    x = n.relu(n.conv(x, 3, 6));
    x = n.node("Reshape", Map.of(), x, n.longs("target", -1, 24));
    return new Case("flattened", 2, n.model(n.gemm(n.relu(n.gemm(x, 24, 9)), 9, 5)));
  }

  private static Case shuffled() {
    Nets n = image(13);
    String x = n.relu(n.conv("x", 3, 12));
    x = n.relu(n.conv(x, 12, 12, 1, 3));
    x = n.node("Reshape", Map.of(), x, n.longs("apart", 0, 3, 4, 8, 8));
    x = n.node("Transpose", Map.of("perm", ints(0, 2, 1, 3, 4)), x);
    x = n.node("Reshape", Map.of(), x, n.longs("together", 0, 12, 8, 8));
    return ended("channel shuffle", 2, n, n.conv(x, 12, 12, 3, 12), 12);
  }

  /** The zero-padded shortcut of the first ResNets. */
  private static Case padded(long opset) {
    Nets n = image(opset);
    String x = n.relu(n.conv("x", 3, 6));
    String inner = n.bn(n.conv(x, 6, 12), 12);
    String wide =
        switch ((int) opset) {
          case 9 -> n.node("Pad", Map.of("pads", ints(0, 2, 0, 0, 0, 4, 0, 0)), x);
          case 18 -> n.node("Pad", Map.of(), x, n.longs("pads", 2, 4), "", n.longs("axes", 1));
          default -> n.node("Pad", Map.of(), x, n.longs("pads", 0, 2, 0, 0, 0, 4, 0, 0));
        };
    return ended("padded, operator set " + opset, 2, n, n.node("Add", Map.of(), inner, wide), 12);
  }

  private static Case sliced(long opset) {
    Nets n = image(opset);
    String x = n.relu(n.conv("x", 3, 10));
    String part =
        opset < 10
            ? n.node("Slice", Map.of("starts", ints(2), "ends", ints(-3), "axes", ints(1)), x)
            : n.node(
                "Slice",
                Map.of(),
                x,
                n.longs("s", 2, 0),
                n.longs("e", -3, 99),
                n.longs("a", 1, 2),
                n.longs("t", 1, 2));
    String a = n.pool(n.conv(part, 5, 4));
    String b = n.pool(n.conv(x, 10, 4));
    return new Case(
        "sliced, operator set " + opset,
        3,
        n.model(n.gemm(n.flatten(n.node("Add", Map.of(), a, b)), 4, 5)));
  }

  private static Case permuted() {
    Nets n = image(13);
    String x = n.relu(n.conv("x", 3, 6));
    x = n.node("Gather", Map.of("axis", integer(1)), x, n.longs("order", 4, -1, 0, 2, 4));
    return ended("channels picked in another order", 3, n, n.conv(x, 5, 6), 6);
  }

  /** Squeeze and excitation. */
  private static Case gated() {
    Nets n = image(13);
    String x = n.relu(n.conv("x", 3, 8));
    String s = n.relu(n.conv(n.pool(x), 8, 6, 1, 1));
    String gate = n.node("Sigmoid", Map.of(), n.conv(s, 6, 8, 1, 1));
    return ended("squeeze and excitation", 2, n, n.node("Mul", Map.of(), x, gate), 8);
  }

  private static Case transposed() {
    Nets n = image(13);
    String x = n.relu(n.conv("x", 3, 6));
    x =
        n.node(
            "ConvTranspose",
            Map.of("strides", ints(2, 2)),
            x,
            n.param("up.weight", 6, 7, 2, 2),
            n.param("up.bias", 7));
    return ended("transposed convolution", 2, n, n.relu(x), 7);
  }

  private static Case normalized() {
    Nets n = image(13);
    String x = n.conv("x", 3, 6);
    x = n.node("InstanceNormalization", Map.of(), x, n.param("scale", 6), n.param("shift", 6));
    x = n.conv(n.relu(x), 6, 8);
    x = n.node("Softmax", Map.of("axis", integer(1)), x);
    return ended("softmax over channels", 2, n, n.conv(x, 8, 5), 5);
  }

  private static Case channelsLast() {
    Nets n = image(13);
    String x = n.relu(n.conv("x", 3, 5));
    x = n.node("Transpose", Map.of("perm", ints(0, 2, 3, 1)), x);
    x = n.node("Reshape", Map.of(), x, n.longs("target", 0, -1));
    String w = n.node("Reshape", Map.of(), n.param("w", 8, 8, 5, 4), n.longs("wt", 320, 4));
    return new Case("flattened channels last", 1, n.model(n.node("MatMul", Map.of(), x, w)));
  }

  private static Case resized() {
    Nets n = image(13);
    String x = n.relu(n.conv("x", 3, 6));
    n.floats("scales", 1, 1, 2, 2);
    x = n.node("Resize", Map.of("mode", new Attribute.Text("nearest")), x, "", "scales");
    return ended("resized", 2, n, n.conv(x, 6, 4), 4);
  }

  /** Two layers that read one weight, so their outputs and inputs hang together. */
  private static Case tied() {
    Nets n = new Nets(3, 13);
    n.input("x", DType.F32, 6);
    String x = n.gemm("x", 6, 8);
    n.param("shared", 8, 8);
    x = n.relu(n.node("MatMul", Map.of(), x, "shared"));
    x = n.relu(n.node("MatMul", Map.of(), x, "shared"));
    return new Case("tied weights", 1, n.model(n.gemm(x, 8, 5)));
  }

  /** As PyTorch writes it; the lengths by {@code Shape} or as plain numbers. */
  private static Case attention(boolean dynamic) {
    Nets n = new Nets(4, 17);
    n.input("x", DType.F32, -1, 12);
    String q = heads(n, n.linear("x", 12, 24), dynamic, 0, 2, 1, 3);
    String k = heads(n, n.linear("x", 12, 24), dynamic, 0, 2, 3, 1);
    String v = heads(n, n.linear("x", 12, 24), dynamic, 0, 2, 1, 3);
    String scores = n.node("Mul", Map.of(), n.node("MatMul", Map.of(), q, k), n.scalar("s", 0.4f));
    scores = n.node("Softmax", Map.of("axis", integer(-1)), scores);
    String mixed =
        n.node(
            "Transpose", Map.of("perm", ints(0, 2, 1, 3)), n.node("MatMul", Map.of(), scores, v));
    String flat = n.node("Reshape", Map.of(), mixed, target(n, mixed, dynamic, 24));
    String out = n.node("Add", Map.of(), n.linear(flat, 24, 12), "x");
    out =
        n.node(
            "LayerNormalization",
            Map.of("axis", integer(-1)),
            out,
            n.param("ln.scale", 12),
            n.param("ln.shift", 12));
    String y = n.linear(n.node("Erf", Map.of(), n.linear(out, 12, 20)), 20, 12);
    return new Case("attention, " + (dynamic ? "computed" : "plain") + " lengths", 2, n.model(y));
  }

  private static String heads(Nets n, String x, boolean dynamic, long... order) {
    String apart = n.node("Reshape", Map.of(), x, target(n, x, dynamic, 4, 6));
    return n.node("Transpose", Map.of("perm", ints(order)), apart);
  }

  /** {@code [batch, tokens, ...]} with the first two read off {@code x}. */
  private static String target(Nets n, String x, boolean dynamic, long... last) {
    if (!dynamic) {
      long[] all = new long[last.length + 2];
      all[1] = -1;
      System.arraycopy(last, 0, all, 2, last.length);
      return n.longs(n.fresh("target"), all);
    }
    String[] parts = new String[last.length + 2];
    for (int a = 0; a < 2; a++) {
      String length =
          n.node(
              "Gather", Map.of(), n.node("Shape", Map.of(), x), n.scalar(n.fresh("i"), (long) a));
      parts[a] = n.node("Unsqueeze", Map.of(), length, n.longs(n.fresh("axes"), 0));
    }
    for (int i = 0; i < last.length; i++) {
      parts[2 + i] = n.longs(n.fresh("length"), last[i]);
    }
    return n.node("Concat", Map.of("axis", integer(0)), parts);
  }

  /** One projection for queries, keys and values, as vision transformers have it. */
  private static Case packed(boolean split) {
    Nets n = new Nets(9, 14);
    n.input("x", DType.F32, 7, 12);
    String x = n.linear("x", 12, 60);
    x = n.node("Reshape", Map.of(), x, n.longs("apart", 0, 7, 3, 5, 4));
    x = n.node("Transpose", Map.of("perm", ints(2, 0, 3, 1, 4)), x);
    List<String> parts = new ArrayList<>();
    if (split) {
      for (String part : n.nodes("Split", Map.of("axis", integer(0)), 3, x)) {
        parts.add(n.node("Squeeze", Map.of(), part, n.longs(n.fresh("axes"), 0)));
      }
    } else {
      for (long i = 0; i < 3; i++) {
        parts.add(n.node("Gather", Map.of(), x, n.scalar(n.fresh("i"), i)));
      }
    }
    String keys = n.node("Transpose", Map.of("perm", ints(0, 1, 3, 2)), parts.get(1));
    String scores = n.node("MatMul", Map.of(), parts.get(0), keys);
    scores = n.node("Softmax", Map.of("axis", integer(-1)), scores);
    String mixed = n.node("MatMul", Map.of(), scores, parts.get(2));
    mixed = n.node("Transpose", Map.of("perm", ints(0, 2, 1, 3)), mixed);
    mixed = n.node("Reshape", Map.of(), mixed, n.longs("together", 0, 7, 20));
    return new Case(
        "packed projections, " + (split ? "split" : "picked"), 1, n.model(n.linear(mixed, 20, 12)));
  }

  private static Case quantizedBetween() {
    Nets n = image(13);
    String x = n.relu(n.conv("x", 3, 6));
    x = n.node("QuantizeLinear", Map.of(), x, n.scalar("step", 0.01f), n.byteScalar("zero", 7));
    x = n.node("DequantizeLinear", Map.of(), x, "step", "zero");
    return ended("quantized between layers", 2, n, n.conv(x, 6, 4), 4);
  }

  /** Grouped queries: each key serves two of them. */
  private static Case sharedKeys() {
    Nets n = new Nets(5, 14);
    n.input("x", DType.F32, 7, 12);
    String q = n.node("Reshape", Map.of(), n.linear("x", 12, 16), n.longs("qt", 0, 7, 4, 4));
    q = n.node("Transpose", Map.of("perm", ints(0, 2, 1, 3)), q);
    String k = n.node("Reshape", Map.of(), n.linear("x", 12, 8), n.longs("kt", 0, 7, 2, 4));
    k = n.node("Transpose", Map.of("perm", ints(0, 2, 3, 1)), k);
    k = n.node("Unsqueeze", Map.of(), k, n.longs("two", 2));
    k = n.node("Expand", Map.of(), k, n.longs("repeat", 1, 2, 2, 4, 7));
    k = n.node("Reshape", Map.of(), k, n.longs("kq", 0, 4, 4, 7));
    String scores =
        n.node("Softmax", Map.of("axis", integer(-1)), n.node("MatMul", Map.of(), q, k));
    scores = n.node("Transpose", Map.of("perm", ints(0, 2, 1, 3)), scores);
    String flat = n.node("Reshape", Map.of(), scores, n.longs("ft", 0, 7, 28));
    return new Case("grouped queries", 1, n.model(n.linear(flat, 28, 5)));
  }

  private static Case filled() {
    Nets n = image(13);
    String x = n.relu(n.conv("x", 3, 6));
    String ones =
        n.node(
            "ConstantOfShape",
            Map.of(
                "value",
                new Attribute.TensorValue(
                    compress.model.Tensor.of(compress.model.Shape.of(1), 1f))),
            n.node("Shape", Map.of(), x));
    return ended("a filled value", 2, n, n.conv(n.node("Add", Map.of(), x, ones), 6, 4), 4);
  }

  private static Case expanded() {
    Nets n = image(13);
    String x = n.relu(n.conv("x", 3, 6));
    String mean = n.node("ReduceMean", Map.of("axes", ints(2, 3)), x);
    String wide = n.node("Expand", Map.of(), mean, n.longs("places", 1, 6, 8, 8));
    return ended("expanded", 2, n, n.conv(n.node("Sub", Map.of(), x, wide), 6, 4), 4);
  }

  private static Case reducedPlaces() {
    Nets n = image(18);
    String x = n.relu(n.conv("x", 3, 6));
    x = n.node("ReduceMean", Map.of("keepdims", integer(0)), x, n.longs("axes", 2, 3));
    x = n.node("Unsqueeze", Map.of(), x, n.longs("back", 2, 3));
    x = n.node("Squeeze", Map.of(), x, n.longs("again", 3, 2));
    return new Case("places reduced", 1, n.model(n.gemm(x, 6, 5)));
  }

  private static Case byMatrixOnTheLeft() {
    Nets n = new Nets(6, 13);
    n.input("x", DType.F32, 6, 7);
    String x = n.node("MatMul", Map.of(), n.param("left", 9, 6), "x");
    x = n.relu(n.node("Add", Map.of(), x, n.param("shift", 9, 1)));
    return new Case(
        "a matrix on the left", 1, n.model(n.node("MatMul", Map.of(), n.param("left2", 5, 9), x)));
  }

  @Test
  void membersOfAResidualNetwork() throws Exception {
    Structure s = CutAndZeroed.structure(residual(13).model());
    assertThat(s.groups())
        .extracting(ChannelGroup::toString)
        .contains(
            "8 channels: conv0.weight:0, conv0.bias:0, conv3.weight:1, conv6.weight:0,"
                + " conv6.bias:0, bn8.weight:0, bn8.bias:0, bn8.mean:0, bn8.var:0, conv12.weight:1,"
                + " conv15.weight:0, conv15.bias:0, bn17.weight:0, bn17.bias:0, bn17.mean:0,"
                + " bn17.var:0, fc23.weight:1",
            "5 neurons: fc23.weight:0, fc23.bias:0; stays: an output of the network");
  }

  @Test
  void aChannelIsABlockOfTheFlattenedVector() throws Exception {
    Structure s = CutAndZeroed.structure(flattened().model());
    ChannelGroup group = s.groups().getFirst();
    Member columns = group.members().getLast();
    assertThat(columns.perUnit()).isEqualTo(4);
    assertThat(columns.indices().get(2)).containsExactly(8, 9, 10, 11);
    assertThat(group.kind()).isEqualTo(Kind.CHANNEL);
  }

  @Test
  void aHeadIsABlockOfItsProjections() throws Exception {
    Structure s = CutAndZeroed.structure(attention(true).model());
    ChannelGroup heads =
        s.groups().stream().filter(g -> g.kind() == Kind.HEAD).findFirst().orElseThrow();
    assertThat(heads.units()).isEqualTo(4);
    assertThat(heads.perUnit()).isEqualTo(6);
    assertThat(heads.weights()).hasSize(4);
    Model cut = CutAndZeroed.check(folder, s, 0.5, 3, g -> true);
    // The numbers are now in the target itself; what read them off is gone.
    assertThat(cut.graph().orElseThrow().nodes()).extracting(Node::op).doesNotContain("Shape");
  }

  @Test
  void anOperatorWithoutARuleIsABarrier() throws Exception {
    Nets n = image(13);
    String x = n.relu(n.conv("x", 3, 6));
    x = n.conv(x, 6, 8);
    x = n.node("DepthToSpace", Map.of("blocksize", integer(2)), x);
    x = n.relu(n.conv(x, 2, 4));
    Structure s = CutAndZeroed.structure(n.model(n.gemm(n.flatten(n.pool(x)), 4, 5)));
    ChannelGroup stays = s.groups().get(1);
    assertThat(stays.name()).isEqualTo("conv3.weight");
    assertThat(stays.barrier().orElseThrow())
        .endsWith(
            "/DepthToSpace: no channel rule for operator 'DepthToSpace'; the layers next to it keep"
                + " all channels");
    assertThat(s.isGap(stays.barrier().orElseThrow())).isTrue();
    assertThat(s.groups().get(0).barrier()).isEmpty();
    assertThat(s.groups().get(2).barrier()).isEmpty();
  }

  @Test
  void pastAForeignOperatorNothingIsKnown() throws Exception {
    Nets n = image(13);
    String x = n.relu(n.conv("x", 3, 6));
    x = n.foreign("test", "Mystery", n.conv(x, 6, 8));
    x = n.relu(n.conv(x, 8, 4));
    Structure s = CutAndZeroed.structure(n.model(n.gemm(n.flatten(n.pool(x)), 4, 5)));
    assertThat(s.groups().get(0).barrier()).isEmpty();
    assertThat(s.groups().subList(1, s.groups().size()))
        .allMatch(g -> s.isGap(g.barrier().orElse("")));
  }

  @Test
  void aLengthThatIsComputedWithStays() throws Exception {
    Nets n = image(13);
    String x = n.relu(n.conv("x", 3, 6));
    String channels = n.node("Gather", Map.of(), n.node("Shape", Map.of(), x), n.scalar("one", 1L));
    String scale = n.node("Cast", Map.of("to", integer(1)), channels);
    x = n.node("Div", Map.of(), x, scale);
    Structure s = CutAndZeroed.structure(n.model(n.gemm(n.flatten(n.pool(x)), 6, 5)));
    assertThat(s.groups().getFirst().barrier().orElseThrow()).contains("computes with its length");
  }
}
