package compress.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine.TypeConversionException;

class NumbersTest {
  private final Numbers.Counts counts = new Numbers.Counts();
  private final Numbers.Shares shares = new Numbers.Shares();

  @Test
  void listsAndRanges() {
    assertThat(counts.convert("8").asInts()).containsExactly(8);
    assertThat(counts.convert("1,16:64:16,128:1024:*2").asInts())
        .containsExactly(1, 16, 32, 48, 64, 128, 256, 512, 1024);
    assertThat(counts.convert("2:5").asInts()).containsExactly(2, 3, 4, 5);
    assertThat(counts.convert("1:10:4").asInts()).containsExactly(1, 5, 9);
    assertThat(shares.convert("0.5:0.95:0.05").values())
        .containsExactly(0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95);
    assertThat(shares.convert("0,1").values()).containsExactly(0.0, 1.0);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "one|'one' in 'one' is not a number",
        "1,,2|'' in '1,,2' is not a number",
        "0|whole numbers from 1",
        "1.5|whole numbers from 1",
        "-3|whole numbers from 1",
        "5:2|does not get from 5 to 2",
        "1:9:0|does not get from 1 to 9",
        "1:9:-1|does not get from 1 to 9",
        "1:9:*1|does not get from 1 to 9",
        "1:2:3:4|is no range",
        "1:100000|more than 10000 numbers",
        "99999999999|whole numbers from 1",
        "NaN|not a number"
      })
  void wrongCounts(String text, String says) {
    assertThatThrownBy(() -> counts.convert(text))
        .isInstanceOf(TypeConversionException.class)
        .hasMessageContaining(says);
  }

  @Test
  void sparsitiesAreShares() {
    assertThatThrownBy(() -> shares.convert("90"))
        .isInstanceOf(TypeConversionException.class)
        .hasMessageContaining("a share from 0 to 1, so write 0.9");
    assertThatThrownBy(() -> shares.convert("-0.1"))
        .isInstanceOf(TypeConversionException.class)
        .hasMessageContaining("-0.1");
  }
}
