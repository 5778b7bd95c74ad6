/**
 * The operators, by family. An {@link compress.runtime.op.Operator} is given a {@link
 * compress.runtime.op.Call}: a node whose inputs' types and shapes are known. It says what the
 * outputs are, as {@link compress.runtime.op.Value}s that may be views of others, and which {@link
 * compress.runtime.op.Work} computes them on each run.
 *
 * <p>To add an operator: one function in the file of its family, one line in the list there; {@link
 * compress.runtime.op.Operators} joins the lists. The published node tests find it by its name.
 */
@NullMarked
package compress.runtime.op;

import org.jspecify.annotations.NullMarked;
