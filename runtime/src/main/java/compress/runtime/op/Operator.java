package compress.runtime.op;

/**
 * An operator of ONNX: plans a node once its inputs' types and shapes are known. It says what the
 * outputs are ({@link Call#out}, {@link Call#alias}) and how they are computed ({@link Call#work}).
 */
@FunctionalInterface
public interface Operator {
  /**
   * @throws Unsupported if the node asks for what is not offered
   * @throws NotYetKnown if a shape depends on numbers that only a run will tell
   */
  void plan(Call call);
}
