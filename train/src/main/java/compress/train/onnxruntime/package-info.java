/** Runs ONNX files by ONNX Runtime, the reference for what a model computes. */
@NullMarked
package compress.train.onnxruntime;

import org.jspecify.annotations.NullMarked;
