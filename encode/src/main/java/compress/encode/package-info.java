/**
 * A model's files in fewer bytes, and the very same files back.
 *
 * <p>{@link Encoder} takes the layout of a model's files, cuts its tensors into chunks and has each
 * written by the {@link Coder} that makes it smallest; {@link Container} is the file that they go
 * to; {@link Decoder} restores from it what went in. {@link EncodeReport} accounts for every byte,
 * beside the entropy of what it stands for.
 *
 * <p>To add a coder: one class here and one line in {@link Coders}. The contract test finds it
 * there; its bytes are specified in {@code docs/format.md}. Nothing here knows ONNX or safetensors.
 */
@NullMarked
package compress.encode;

import org.jspecify.annotations.NullMarked;
