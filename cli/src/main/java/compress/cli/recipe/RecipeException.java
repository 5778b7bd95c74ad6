package compress.cli.recipe;

/** A recipe that cannot be followed. The message starts with the place of what is wrong. */
public final class RecipeException extends IllegalArgumentException {
  public RecipeException(String message) {
    super(message);
  }
}
