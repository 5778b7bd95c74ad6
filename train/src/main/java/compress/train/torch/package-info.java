/**
 * Runs and trains ONNX graphs by libtorch. {@link compress.train.torch.Program} turns a graph into
 * a plain list of calls, each found by its operator's name in {@link compress.train.torch.Ops};
 * what is not there is refused by the node's label before anything runs. {@link
 * compress.train.torch.TorchEngine} runs a program; {@link compress.train.torch.TorchTraining}
 * trains one.
 *
 * <p>This is the only package that imports libtorch. Native tensors live in a scope for each step.
 */
@NullMarked
package compress.train.torch;

import org.jspecify.annotations.NullMarked;
