/**
 * The options that commands and recipes share, as objects that picocli fills: from the command line
 * or, through {@link compress.cli.recipe.Section}, from a recipe, whose keys are the options'
 * names. Each stage's options are one {@link compress.cli.options.StageOptions}.
 *
 * <p>To add a kind of stage: one class here that implements {@link
 * compress.cli.options.StageOptions}, one line in {@link compress.cli.options.StageKinds}, and one
 * command.
 */
@NullMarked
package compress.cli.options;

import org.jspecify.annotations.NullMarked;
