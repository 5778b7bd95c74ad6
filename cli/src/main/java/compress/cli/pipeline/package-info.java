/**
 * Runs recipes: {@link compress.cli.pipeline.Pipeline} checks everything first, then runs the
 * stages with a checkpoint after each in a {@link compress.cli.pipeline.WorkFolder}, encodes,
 * evaluates what it reads back from the disk, and accounts for it in a {@link
 * compress.cli.pipeline.RunReport}. Commands with a single stage are recipes of one stage.
 */
@NullMarked
package compress.cli.pipeline;

import org.jspecify.annotations.NullMarked;
