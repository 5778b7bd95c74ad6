import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Turns a CSV file of sentence pairs and scores, as STS-B comes in, into lines of JSON with token
 * ids for BERT-like encoders: {@code {"a": [...], "b": [...], "score": 2.5}}. The words are cut as
 * uncased BERT cuts them: lower case, accents removed, punctuation apart, then the longest pieces
 * that the vocabulary has.
 *
 * <p>{@code java SentenceTokens.java TOKENIZER.json PAIRS.csv OUTPUT.jsonl [PAIRS]}, where the
 * tokenizer is that of MiniLM and the last argument takes only the first so many pairs.
 *
 * @see <a href="https://arxiv.org/abs/1810.04805">Devlin et al. 2019</a>, and its reference code
 */
class SentenceTokens {
  private static final int LONGEST_WORD = 100;
  private static final int LONGEST_SENTENCE = 256;

  private final Map<String, Integer> vocabulary;

  SentenceTokens(Map<String, Integer> vocabulary) {
    this.vocabulary = vocabulary;
  }

  public static void main(String[] args) throws IOException {
    SentenceTokens tokens = new SentenceTokens(vocabulary(Path.of(args[0])));
    int most = args.length > 3 ? Integer.parseInt(args[3]) : Integer.MAX_VALUE;
    StringBuilder out = new StringBuilder();
    List<List<String>> rows = rows(Files.readString(Path.of(args[1])));
    for (List<String> row : rows.subList(0, Math.min(most, rows.size()))) {
      out.append(
          "{\"a\": %s, \"b\": %s, \"score\": %s}\n"
              .formatted(tokens.ids(row.get(0)), tokens.ids(row.get(1)), row.get(2)));
    }
    Files.writeString(Path.of(args[2]), out);
  }

  List<Integer> ids(String sentence) {
    List<Integer> ids = new ArrayList<>();
    ids.add(vocabulary.get("[CLS]"));
    for (String word : words(sentence)) {
      ids.addAll(pieces(word));
    }
    List<Integer> cut = new ArrayList<>(ids.subList(0, Math.min(ids.size(), LONGEST_SENTENCE - 1)));
    cut.add(vocabulary.get("[SEP]"));
    return cut;
  }

  private static List<String> words(String sentence) {
    String plain =
        Normalizer.normalize(sentence.toLowerCase(Locale.ROOT), Normalizer.Form.NFD)
            .replaceAll("\\p{Mn}", "");
    StringBuilder spaced = new StringBuilder();
    plain
        .codePoints()
        .forEach(c -> {
          if (c == 0 || c == 0xFFFD || Character.isISOControl(c) && !Character.isWhitespace(c)) {
            return;
          }
          if (Character.isWhitespace(c) || Character.isSpaceChar(c)) {
            spaced.append(' ');
          } else if (standsAlone(c)) {
            spaced.append(' ').appendCodePoint(c).append(' ');
          } else {
            spaced.appendCodePoint(c);
          }
        });
    String text = spaced.toString().strip();
    return text.isEmpty() ? List.of() : List.of(text.split(" +"));
  }

  /** Punctuation, everything in ASCII that is no letter or digit, and Chinese characters. */
  private static boolean standsAlone(int c) {
    boolean ascii = c > 32 && c < 127 && !Character.isLetterOrDigit(c);
    return ascii
        || Character.isIdeographic(c)
        || switch (Character.getType(c)) {
          case Character.CONNECTOR_PUNCTUATION,
              Character.DASH_PUNCTUATION,
              Character.START_PUNCTUATION,
              Character.END_PUNCTUATION,
              Character.INITIAL_QUOTE_PUNCTUATION,
              Character.FINAL_QUOTE_PUNCTUATION,
              Character.OTHER_PUNCTUATION ->
              true;
          default -> false;
        };
  }

  private List<Integer> pieces(String word) {
    List<Integer> unknown = List.of(vocabulary.get("[UNK]"));
    if (word.codePointCount(0, word.length()) > LONGEST_WORD) {
      return unknown;
    }
    List<Integer> pieces = new ArrayList<>();
    for (int from = 0; from < word.length(); ) {
      int to = word.length();
      Integer id = null;
      while (to > from && id == null) {
        id = vocabulary.get((from == 0 ? "" : "##") + word.substring(from, to));
        to -= id == null ? 1 : 0;
      }
      if (id == null) {
        return unknown;
      }
      pieces.add(id);
      from = to;
    }
    return pieces;
  }

  /** The numbers after {@code "vocab": {} in the file, by their strings. */
  private static Map<String, Integer> vocabulary(Path file) throws IOException {
    String json = Files.readString(file);
    Map<String, Integer> vocabulary = new HashMap<>();
    int at = json.indexOf('{', json.indexOf("\"vocab\"")) + 1;
    while (json.charAt(skipBlanks(json, at)) != '}') {
      at = json.indexOf('"', at) + 1;
      StringBuilder piece = new StringBuilder();
      for (; json.charAt(at) != '"'; at++) {
        char c = json.charAt(at);
        if (c == '\\') {
          c = json.charAt(++at);
          if (c == 'u') {
            c = (char) Integer.parseInt(json.substring(at + 1, at + 5), 16);
            at += 4;
          }
        }
        piece.append(c);
      }
      int number = skipBlanks(json, json.indexOf(':', at) + 1);
      int end = number;
      while (Character.isDigit(json.charAt(end))) {
        end++;
      }
      vocabulary.put(piece.toString(), Integer.valueOf(json.substring(number, end)));
      at = skipBlanks(json, end);
      at += json.charAt(at) == ',' ? 1 : 0;
    }
    return vocabulary;
  }

  private static int skipBlanks(String text, int from) {
    int at = from;
    while (Character.isWhitespace(text.charAt(at))) {
      at++;
    }
    return at;
  }

  /** Rows of CSV; cells may be quoted, with doubled quotes and line breaks inside. */
  private static List<List<String>> rows(String csv) {
    List<List<String>> rows = new ArrayList<>();
    List<String> row = new ArrayList<>();
    StringBuilder cell = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < csv.length(); i++) {
      char c = csv.charAt(i);
      if (quoted && c == '"' && i + 1 < csv.length() && csv.charAt(i + 1) == '"') {
        cell.append('"');
        i++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (!quoted && (c == ',' || c == '\n')) {
        row.add(cell.toString().strip());
        cell.setLength(0);
        if (c == '\n') {
          rows.add(row);
          row = new ArrayList<>();
        }
      } else {
        cell.append(c);
      }
    }
    if (!row.isEmpty()) {
      row.add(cell.toString().strip());
      rows.add(row);
    }
    return rows;
  }
}
