/**
 * Recipes: YAML files that say which stages to run on which model. {@link
 * compress.cli.recipe.YamlReader} keeps the line of every key and value, so that each message about
 * a recipe starts with its place; {@link compress.cli.recipe.Section} fills the same option objects
 * that the command line fills, so a recipe's keys are the names of the options; {@link
 * compress.cli.recipe.RecipeReader} puts the two together to a {@link compress.cli.recipe.Recipe}.
 *
 * <p>To add a kind of stage: see {@link compress.cli.options}.
 */
@NullMarked
package compress.cli.recipe;

import org.jspecify.annotations.NullMarked;
