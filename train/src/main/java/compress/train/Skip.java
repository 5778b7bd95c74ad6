package compress.train;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A tensor that a stage was asked to change and left as it was.
 *
 * @param reason for the user: what stood in the way and, if something would help, what
 */
public record Skip(String name, String reason) {
  /** For the details of a report. */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", name);
    map.put("reason", reason);
    return map;
  }
}
