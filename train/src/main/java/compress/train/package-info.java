/**
 * Training, evaluation, and what a stage of compression is. {@link compress.train.Trainer} tunes
 * the float params of a {@link compress.model.Model} on a {@link compress.train.data.DataSplit},
 * with what {@link compress.train.TrainOptions} says; a {@link compress.train.StepHook} looks in
 * before each step, to prune gradually for one. {@link compress.train.Evaluator} runs a model by an
 * {@link compress.train.Engine} and counts right answers. {@link compress.train.Networks} makes
 * networks to start from.
 *
 * <p>Methods that look at what layers are given go by {@link compress.train.Calibration}: it finds
 * where weights are multiplied ({@link compress.train.LayerInput}), streams those inputs out of the
 * network ({@link compress.train.Activations}), unfolds them to rows ({@link
 * compress.train.Unfolding}) and shows these to collectors such as {@link
 * compress.train.SecondMoment}.
 *
 * <p>The engines live in {@code compress.train.torch} (libtorch, which also trains) and {@code
 * compress.train.onnxruntime}; nothing here touches their native code until a model is run. To add
 * a network: one method in {@link compress.train.Networks} and one line in its list. To add an
 * operator: one line in {@code compress.train.torch.Ops}.
 */
@NullMarked
package compress.train;

import org.jspecify.annotations.NullMarked;
