package compress.train;

/**
 * A tensor that a stage was asked to change and left as it was.
 *
 * @param reason for the user: what stood in the way and, if something would help, what
 */
public record Skip(String name, String reason) {}
