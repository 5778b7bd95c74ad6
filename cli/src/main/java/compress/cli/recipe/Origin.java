package compress.cli.recipe;

import java.nio.file.Path;

/**
 * Where a piece of a recipe was written.
 *
 * @param place for messages: {@code recipe.yaml:7}, or {@code -S seed=x}
 * @param folder that relative paths start from
 */
public record Origin(String place, Path folder) {
  /** A complaint about what stands here. */
  public RecipeException complain(String what) {
    return new RecipeException(place + ": " + what);
  }
}
