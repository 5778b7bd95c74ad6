/**
 * Which pattern, how sparse, how many bits: the same network compressed in many ways under the same
 * budget. A {@link compress.cli.compare.Trial} is one of these ways with one seed, and is nothing
 * but a recipe; {@link compress.cli.compare.TrialWorker}s, each a Java of its own, follow the
 * recipes, and {@link compress.cli.compare.StudyFolder} keeps what each trial gave as files, so
 * that a comparison that was killed goes on and a wider one finds what is there. {@link
 * compress.cli.compare.Study} runs all that, times the results when nothing else runs, and {@link
 * compress.cli.compare.Comparison} says what came of it.
 */
@NullMarked
package compress.cli.compare;

import org.jspecify.annotations.NullMarked;
