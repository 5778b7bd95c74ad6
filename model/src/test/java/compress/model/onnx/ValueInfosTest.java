package compress.model.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.GraphProto;
import compress.model.Graph;
import compress.model.Shape;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ValueInfosTest {
  @Test
  void lengthsFollowAndWhatIsGoneIsForgotten() throws Exception {
    GraphProto carried =
        GraphProto.newBuilder()
            .addValueInfo(SmallModels.value("shrunk", -1, 8, 4))
            .addValueInfo(SmallModels.value("gone", 8))
            .addValueInfo(SmallModels.value("same", 1, 8))
            .addValueInfo(SmallModels.value("unknown", 8))
            .addInput(SmallModels.value("weight", 8, 3))
            .build();
    Graph graph = new Graph("g", List.of(), List.of(), List.of(), carried.toByteArray());
    Map<String, Shape> before =
        Map.of(
            "shrunk", Shape.of(2, 8, 4),
            "gone", Shape.of(8),
            "same", Shape.of(2, 8),
            "weight", Shape.of(8, 3));
    Map<String, Shape> after =
        Map.of("shrunk", Shape.of(2, 5, 4), "same", Shape.of(2, 8), "weight", Shape.of(5, 3));
    GraphProto now = GraphProto.parseFrom(ValueInfos.reshaped(graph, before, after).carried());
    // The open batch stays open, a length that did not change stays as the file has it.
    assertThat(now.getValueInfoList())
        .containsExactly(
            SmallModels.value("shrunk", -1, 5, 4),
            SmallModels.value("same", 1, 8),
            SmallModels.value("unknown", 8));
    assertThat(now.getInput(0)).isEqualTo(SmallModels.value("weight", 5, 3));
  }
}
