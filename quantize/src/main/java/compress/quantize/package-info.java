@NullMarked
package compress.quantize;

import org.jspecify.annotations.NullMarked;
