package compress.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;

class SelectionTest {
  private static Model model(String... names) {
    SequencedMap<String, Param> params = new LinkedHashMap<>();
    for (String name : names) {
      params.put(name, Param.of(name, Tensor.of(Shape.of(2), 1f, 2f)));
    }
    params.put("steps", Param.of("steps", Tensor.ofLongs(Shape.of(1), 7L)));
    return new Model(Optional.empty(), params, Map.of(), Map.of(), new byte[0]);
  }

  @Test
  void globsAndRegularExpressionsMatchWholeNames() {
    assertThat(NamePattern.parse("*.weight").matches("layer/1.fc.weight")).isTrue();
    assertThat(NamePattern.parse("fc?.weight").matches("fc1.weight")).isTrue();
    assertThat(NamePattern.parse("fc?.weight").matches("fc12.weight")).isFalse();
    assertThat(NamePattern.parse("fc1").matches("fc1.weight")).isFalse();
    assertThat(NamePattern.parse("a.b[0]").matches("a.b[0]")).isTrue();
    assertThat(NamePattern.parse("a.b[0]").matches("acb0")).isFalse();
    assertThat(NamePattern.parse("re:fc[12]\\.weight").matches("fc2.weight")).isTrue();
    assertThat(NamePattern.parse("re:fc").matches("fc2")).isFalse();
  }

  @Test
  void badPatternsAreRefusedWithThePlace() {
    assertThatThrownBy(() -> NamePattern.parse("re:fc[12"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'re:fc[12' is not a regular expression")
        .hasMessageContaining("character 7");
    assertThatThrownBy(() -> NamePattern.parse("")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void ignoreWinsOverTarget() {
    Selection s = Selection.parse(List.of("fc*"), List.of("*bias"));
    assertThat(s.includes("fc1.weight")).isTrue();
    assertThat(s.includes("fc1.bias")).isFalse();
    assertThat(s.includes("conv1.weight")).isFalse();
    assertThat(Selection.ALL.includes("anything")).isTrue();
  }

  @Test
  void onlyAFullNameNames() {
    Selection s = Selection.parse(List.of("fc*", "conv1.bias"), List.of());
    assertThat(s.names("conv1.bias")).isTrue();
    assertThat(s.names("fc1.bias")).isFalse();
    assertThat(Selection.parse(List.of("b"), List.of("b")).names("b")).isFalse();
  }

  @Test
  void whatIsLeftHasAReason() {
    Param p = Param.of("fc1.bias", Tensor.of(Shape.of(2), 1f, 2f));
    Weight bias = new Weight(p, Role.BIAS, 0, "fc1/Gemm");
    Weight weight = new Weight(p, Role.GEMM, 0, "fc1/Gemm");
    Weight scale = new Weight(p, Role.OTHER, -1, "bn1/BatchNormalization");
    assertThat(Selection.ALL.whyLeft(weight, false)).isEmpty();
    assertThat(Selection.ALL.whyLeft(bias, false).orElseThrow()).startsWith("a bias");
    assertThat(Selection.ALL.whyLeft(bias, true)).isEmpty();
    assertThat(Selection.ALL.whyLeft(scale, true)).isPresent();
    Selection named = Selection.parse(List.of("fc1.bias"), List.of());
    assertThat(named.whyLeft(bias, false)).isEmpty();
    assertThat(named.whyLeft(scale, false)).isEmpty();
    Selection other = Selection.parse(List.of("conv*"), List.of());
    assertThat(other.whyLeft(weight, false)).contains("no target matches it");
    Selection ignored = Selection.parse(List.of("fc1.bias"), List.of("*bias"));
    assertThat(ignored.whyLeft(bias, true)).contains("listed under ignore");
  }

  @Test
  void aPatternThatMatchesNothingIsAnErrorWithTheNearestName() {
    Model model = model("conv1.weight", "fc1.weight");
    Selection.parse(List.of("conv*"), List.of("fc1.weight")).check(model);
    assertThatThrownBy(() -> Selection.parse(List.of("fc1.wieght"), List.of()).check(model))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no tensor's name matches 'fc1.wieght'; did you mean 'fc1.weight'?");
    assertThatThrownBy(() -> Selection.parse(List.of(), List.of("steps")).check(model))
        .hasMessageContaining("'steps'");
  }

  @Test
  void theFirstRuleThatMatchesHolds() {
    SequencedMap<String, Integer> rules = new LinkedHashMap<>();
    rules.put("conv1.*", 8);
    rules.put("conv*", 6);
    ByName<Integer> bits = ByName.of(5, rules);
    assertThat(bits.get("conv1.weight")).isEqualTo(8);
    assertThat(bits.get("conv2.weight")).isEqualTo(6);
    assertThat(bits.get("fc.weight")).isEqualTo(5);
    assertThat(bits.rule("fc.weight")).isEmpty();
    assertThat(bits.map(b -> b + 1).get("conv2.weight")).isEqualTo(7);
    assertThatThrownBy(() -> bits.check(model("conv2.weight"))).hasMessageContaining("'conv1.*'");
  }

  @Test
  void nearestNameCountsEdits() {
    assertThat(NearestName.edits("kitten", "sitting")).isEqualTo(3);
    assertThat(NearestName.edits("ab", "ba")).isEqualTo(1);
    assertThat(NearestName.edits("", "abc")).isEqualTo(3);
    assertThat(NearestName.of("sparsty", List.of("pattern", "sparsity"))).contains("sparsity");
    assertThat(NearestName.of("Bits", List.of("bits"))).contains("bits");
    assertThat(NearestName.of("zzzz", List.of("bits", "scheme"))).isEmpty();
  }
}
