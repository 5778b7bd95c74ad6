/**
 * The safetensors format: a JSON header and packed tensors, no graph. {@link
 * compress.model.safetensors.Safetensors} reads, lays out and writes it; how the values of a param
 * are spread over tensors is in {@link compress.model.safetensors.Idioms}.
 */
@NullMarked
package compress.model.safetensors;

import org.jspecify.annotations.NullMarked;
