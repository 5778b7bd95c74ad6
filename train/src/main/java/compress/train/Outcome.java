package compress.train;

import compress.model.Model;
import java.util.List;
import java.util.Map;

/**
 * What a stage did. Each float param is in {@code changed} or in {@code skipped}, or was none of
 * the stage's business.
 *
 * @param details more facts by name, for the report: numbers, strings, lists and maps of these
 */
public record Outcome(
    Model model, List<Change> changed, List<Skip> skipped, Map<String, Object> details) {}
