/**
 * Data sets. {@link compress.train.data.DataFiles} looks at what a file or folder holds and picks
 * the {@link compress.train.data.DataFormat} that knows it; the result is a {@link
 * compress.train.data.DataSplit} of {@link compress.train.data.DataSet}s in memory. {@link
 * compress.train.data.Preprocessing} turns their numbers into what a network expects.
 *
 * <p>To add a format: one class here that implements {@link compress.train.data.DataFormat} and one
 * line in {@link compress.train.data.DataFiles}. Nothing here knows networks or engines.
 */
@NullMarked
package compress.train.data;

import org.jspecify.annotations.NullMarked;
