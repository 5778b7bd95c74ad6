package compress.runtime.op;

/** What a step does when it is run. Sizes and places are fixed; only numbers change. */
@FunctionalInterface
public interface Work {
  void run(Threads threads);
}
