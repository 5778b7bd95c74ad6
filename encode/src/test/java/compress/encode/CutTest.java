package compress.encode;

import static org.assertj.core.api.Assertions.assertThat;

import compress.model.DType;
import compress.model.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;

class CutTest {
  @Test
  void chunksFollowEachOtherToTheEnd() {
    List<Shape> shapes =
        List.of(
            Shape.of(),
            Shape.of(1),
            Shape.of(300, 784),
            Shape.of(30_522, 384),
            Shape.of(7, 3, 5, 5),
            Shape.of(5_000_001),
            Shape.of(3, 4_194_303),
            Shape.of(2, 9_000_001),
            Shape.of(100_000, 100_000, 3));
    for (DType type : DType.values()) {
      for (Shape shape : shapes) {
        Form.Cut cut = Form.Cut.of(type, shape);
        long at = 0;
        // Of the largest only some; all of them are alike.
        for (long c = 0; c < Math.min(20, cut.chunks()); c++) {
          assertThat(cut.offset(c)).as("%s %s", type, shape).isEqualTo(at);
          at += cut.chunk(c).bytes();
          assertThat(cut.chunk(c).bytes()).isLessThanOrEqualTo(Form.MOST_BYTES);
        }
        if (cut.chunks() > 0) {
          long last = cut.chunks() - 1;
          assertThat(cut.offset(last) + cut.chunk(last).bytes())
              .isEqualTo(type.bytesFor(shape.size()));
        }
      }
    }
  }

  /** The shapes in docs/format.md's rules. */
  @Test
  void rowsStayWholeWhereTheyFit() {
    assertThat(Form.Cut.of(DType.U8, Shape.of(300, 784)).chunk(0))
        .isEqualTo(new Form(DType.U8, 235_200, 784));
    assertThat(Form.Cut.of(DType.F32, Shape.of(30_522, 384)).chunk(0))
        .isEqualTo(new Form(DType.F32, 4_194_048, 384));
    assertThat(Form.Cut.of(DType.U8, Shape.of(2, 9_000_001)).chunk(0))
        .isEqualTo(Form.vector(DType.U8, 4_194_304));
    assertThat(Form.Cut.of(DType.C64, Shape.of(5, 2)).chunk(0))
        .isEqualTo(new Form(DType.F32, 20, 4));
    assertThat(Form.Cut.of(DType.F32, Shape.of(0, 3)).chunks()).isZero();
  }
}
