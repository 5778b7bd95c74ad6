package compress.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Arrays;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a command printed and ended with.
 *
 * @param out on stdout
 * @param err on stderr
 */
record Cli(int code, String out, String err) {
  /** Runs a command in this process. */
  static Cli run(Object... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    String[] words = Arrays.stream(args).map(Object::toString).toArray(String[]::new);
    CommandLine line = Compress.commandLine(words);
    line.setOut(new PrintWriter(out));
    line.setErr(new PrintWriter(err));
    int code = line.execute(words);
    return new Cli(code, out.toString(), err.toString());
  }

  JsonNode json() {
    return JsonMapper.shared().readTree(out);
  }

  /** With names of files in {@code folder} cut down to their last part. */
  String outWithout(Path folder) {
    return out.replace(folder + "/", "");
  }

  @Override
  public String toString() {
    return "exit code " + code + "\n--- stdout\n" + out + "--- stderr\n" + err;
  }
}
