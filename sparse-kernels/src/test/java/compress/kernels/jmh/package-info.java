/**
 * The hot kernels under JMH. {@code ./mvnw -B -Pjmh test -pl sparse-kernels -am -DskipTests} runs
 * all; {@code -Djmh="ManyColumns -p columns=960 -f 5"} says which, as JMH's own options do.
 */
@NullMarked
package compress.kernels.jmh;

import org.jspecify.annotations.NullMarked;
