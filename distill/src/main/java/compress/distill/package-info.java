/**
 * Students that learn from teachers. A {@link compress.distill.Distillation} says from whom and by
 * which {@link compress.distill.Loss}es; {@link compress.distill.DistillStage} is the stage, and
 * the fine-tuning of any other stage can be given a distillation as its {@link
 * compress.train.Guide}.
 *
 * <p>A loss is a graph: {@link compress.distill.Sketch} writes ONNX nodes, and the trainer runs and
 * differentiates them like those of the student. What a loss looks at of the teacher is computed by
 * nodes put behind the teacher's own ({@link compress.distill.Teacher}), once for all samples where
 * these never change, and kept in a mapped file ({@link compress.distill.Answers}). Which values of
 * teacher and student belong together is found by {@link compress.distill.Landmarks}, or said.
 *
 * <p>To add a loss: one record in {@link compress.distill.Losses} and one line in its list; the
 * command line, the recipes and the tests find it there. Nothing here knows libtorch or file
 * formats.
 */
@NullMarked
package compress.distill;

import org.jspecify.annotations.NullMarked;
