/**
 * The command line: arguments, wiring, text and JSON, exit codes. {@link compress.cli.Compress} is
 * the root, and each command is one file. What the commands do is in the modules below; here it is
 * only put together. {@link compress.cli.Failures} turns what goes wrong into a line and an exit
 * code, {@link compress.cli.Console} says where results and progress go.
 *
 * <p>To add a command: one file, listed in {@link compress.cli.Compress}.
 */
@NullMarked
package compress.cli;

import org.jspecify.annotations.NullMarked;
