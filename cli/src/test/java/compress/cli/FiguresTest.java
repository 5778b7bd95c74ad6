package compress.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FiguresTest {
  @Test
  void bytesHaveThreeDigits() {
    assertThat(Figures.bytes(0)).isEqualTo("0 B");
    assertThat(Figures.bytes(999)).isEqualTo("999 B");
    assertThat(Figures.bytes(1000)).isEqualTo("1.00 kB");
    assertThat(Figures.bytes(41_230)).isEqualTo("41.2 kB");
    assertThat(Figures.bytes(999_499)).isEqualTo("999 kB");
    assertThat(Figures.bytes(999_500)).isEqualTo("1.00 MB");
    assertThat(Figures.bytes(1_725_348)).isEqualTo("1.73 MB");
    assertThat(Figures.bytes(Long.MAX_VALUE)).isEqualTo("9.22 EB");
  }

  @Test
  void numbersHaveThreeSignificantDigits() {
    assertThat(Figures.number(0)).isEqualTo("0");
    assertThat(Figures.number(12)).isEqualTo("12");
    assertThat(Figures.number(0.0312)).isEqualTo("0.0312");
    assertThat(Figures.number(27.84)).isEqualTo("27.8");
    assertThat(Figures.number(-1234.5)).isEqualTo("-1235");
    assertThat(Figures.number(1.2345e-7)).isEqualTo("1.23e-07");
  }

  @Test
  void others() {
    assertThat(Figures.count(1, "tensor")).isEqualTo("1 tensor");
    assertThat(Figures.count(431_080, "weight")).isEqualTo("431,080 weights");
    assertThat(Figures.percent(0.99123)).isEqualTo("99.12 %");
    assertThat(Figures.ratio(42.04)).isEqualTo("42.0×");
    assertThat(Figures.seconds(185.2)).isEqualTo("3 min 5 s");
  }

  @Test
  void tablesAlign() {
    Table table = new Table("name", ">size").row("a", 1).row("long name", 1000);
    assertThat(table.toString())
        .isEqualTo(
            """
            name       size
            a             1
            long name  1000
            """);
  }
}
