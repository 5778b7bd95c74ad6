package compress.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class InspectTest {
  @TempDir Path folder;

  @Test
  void printsATable() throws Exception {
    Path model = Samples.model(folder.resolve("small.onnx"), 1);
    Cli cli = Cli.run("inspect", model);
    assertThat(cli.err()).isEmpty();
    assertThat(cli.outWithout(folder))
        .isEqualTo(
            """
            small.onnx  onnx, %s, opset 13, 4 nodes
            input   image F32 [?, 1, 4, 4]
            output  answer F32 [?, 3]
            ops     Gemm 2, Flatten 1, Relu 1

            tensor      shape     type  stored as  bits   zeros  pattern  role  MACs  node
            fc1.weight  [12, 16]  F32   dense        32  0.00 %%  dense    gemm   192  hidden/Gemm
            fc1.bias    [12]      F32   dense        32  0.00 %%  dense    bias        hidden/Gemm
            fc2.weight  [3, 12]   F32   dense        32  0.00 %%  dense    gemm    36  answer/Gemm
            fc2.bias    [3]       F32   dense        32  0.00 %%  dense    bias        answer/Gemm

            243 weights in 4 tensors, 100.00 %% not zero
            228 multiply-accumulates for image [1, 1, 4, 4]
            """
                .formatted(Figures.bytes(Files.size(model))));
    assertThat(cli.code()).isEqualTo(Exit.DONE);
  }

  @Test
  void jsonHasTheKeysThatToolsRelyOn() throws Exception {
    Path model = Samples.model(folder.resolve("small.onnx"), 1);
    JsonNode json = Cli.run("inspect", model, "--json").json();
    assertThat(json.propertyNames())
        .contains("file", "format", "bytes", "parameters", "nonzero", "tensors");
    assertThat(json.get("format").asString()).isEqualTo("onnx");
    assertThat(json.get("parameters").asInt()).isEqualTo(243);
    assertThat(json.get("macs").asInt()).isEqualTo(228);
    assertThat(json.get("macs_inputs").get("image").toString()).isEqualTo("[1,1,4,4]");
    JsonNode tensor = json.get("tensors").get(0);
    assertThat(tensor.propertyNames())
        .contains("name", "shape", "dtype", "values", "bits", "sparsity", "pattern");
    assertThat(tensor.get("shape").toString()).isEqualTo("[12,16]");
    assertThat(tensor.get("pattern").asString()).isEqualTo("dense");
  }

  @Test
  void readsWhatTheOtherCommandsWrite() throws Exception {
    Path model = Samples.model(folder.resolve("small.onnx"), 1);
    Path pruned = folder.resolve("pruned.onnx");
    Path shared = folder.resolve("shared.onnx");
    Path encoded = folder.resolve("small.cmpr");
    assertThat(Cli.run("prune", model, "--sparsity", "3/4", "-o", pruned).code()).isZero();
    assertThat(Cli.run("quantize", pruned, "--bits", 2, "-o", shared).code()).isZero();
    assertThat(Cli.run("encode", shared, "-o", encoded).code()).isZero();

    JsonNode json = Cli.run("inspect", encoded, "--json").json();
    assertThat(json.get("format").asString()).isEqualTo("cmpr");
    JsonNode weight = json.get("tensors").get(0);
    assertThat(weight.get("values").asString()).isEqualTo("codebook");
    assertThat(weight.get("bits").asInt()).isEqualTo(2);
    assertThat(weight.get("sparsity").asDouble()).isEqualTo(0.75);
    assertThat(weight.get("pattern").asString()).isEqualTo("unstructured");
    assertThat(json.get("sections").size()).isGreaterThan(4);

    Path decoded = folder.resolve("decoded.onnx");
    assertThat(Cli.run("decode", encoded, "-o", decoded).code()).isZero();
    assertThat(decoded).hasSameBinaryContentAs(shared);
  }
}
