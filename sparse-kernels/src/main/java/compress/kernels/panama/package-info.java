/**
 * The fast kernels, written with the Vector API; no other package imports it. {@code Spmm} cuts the
 * activations into panels that stay in cache and hands a kernel some rows and one panel at a time;
 * {@code Gemv} does so for few columns, one column at a time.
 *
 * <p>Rules that the compiler sets: the species is a {@code static final}; vectors live in locals of
 * one method, since a method that takes vectors and is not inlined puts them on the heap; the loop
 * over the products has no call and no branch in it. What repeats is therefore written out.
 *
 * <p>Every kernel here multiplies and adds in one rounding. A machine without that instruction runs
 * the plain loops instead, except for integer kernels, which do not need it.
 */
@NullMarked
package compress.kernels.panama;

import org.jspecify.annotations.NullMarked;
