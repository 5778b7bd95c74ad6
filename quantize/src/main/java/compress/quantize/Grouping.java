package compress.quantize;

import compress.model.Granularity;
import compress.model.NearestName;
import compress.model.Shape;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * Which weights share a scale, before it is known what tensor they are of. {@code tensor}: all.
 * {@code channel}: those of one output. {@code group:N}: {@code N} inputs in a row of one output;
 * the run of a kernel's place, for a convolution. A tensor with fewer inputs than {@code N} has one
 * group an output.
 */
public sealed interface Grouping {
  /** All weights of the tensor. */
  record Tensor() implements Grouping {}

  /** Those of one output; of a tensor that has no axis of outputs, all. */
  record Channel() implements Grouping {}

  /** Runs along the inputs. */
  record Group(int size) implements Grouping {
    public Group {
      if (size < 1) {
        throw new IllegalArgumentException("a group has at least 1 weight, not " + size);
      }
    }
  }

  /**
   * From how users write it.
   *
   * @throws IllegalArgumentException if it is none of the three
   */
  static Grouping parse(String text) {
    if (text.equals("tensor")) {
      return new Tensor();
    }
    if (text.equals("channel")) {
      return new Channel();
    }
    if (text.startsWith("group:")) {
      try {
        return new Group(Integer.parseInt(text.substring("group:".length())));
      } catch (NumberFormatException e) {
        // Said below.
      }
    }
    throw new IllegalArgumentException(
        "granularity '%s' is none of tensor, channel, group:SIZE%s"
            .formatted(text, NearestName.hint(text, List.of("tensor", "channel"))));
  }

  /** For a tensor of {@code shape}; {@link #objection} must be empty. */
  default Granularity of(Shape shape, int outputAxis) {
    return switch (this) {
      case Tensor() -> new Granularity.PerTensor();
      case Channel() ->
          outputAxis < 0 ? new Granularity.PerTensor() : new Granularity.PerAxis(outputAxis);
      case Group(int size) -> {
        int axis = inputAxis(shape, outputAxis);
        yield new Granularity.PerGroup(axis, (int) Math.clamp(shape.dim(axis), 1, (long) size));
      }
    };
  }

  /** Why a tensor cannot be cut up so, for the user; empty if it can. */
  default Optional<String> objection(Shape shape, int outputAxis) {
    if (!(this instanceof Group(int size))) {
      return Optional.empty();
    }
    if (shape.rank() == 0) {
      return Optional.of("a lone number has no groups; use granularity tensor");
    }
    int axis = inputAxis(shape, outputAxis);
    long inputs = shape.dim(axis);
    if (inputs <= size || inputs % size == 0) {
      return Optional.empty();
    }
    String fitting =
        LongStream.rangeClosed(2, inputs)
            .filter(d -> inputs % d == 0)
            .filter(d -> d >= size / 3 && d <= 3L * size)
            .mapToObj(Long::toString)
            .collect(Collectors.joining(", "));
    return Optional.of(
        "has %d inputs, not divisible by group %d; use %sgranularity channel, or list it under"
                .formatted(inputs, size, fitting.isEmpty() ? "" : "group " + fitting + ", or ")
            + " 'ignore'");
  }

  /** The axis along which the inputs of an output stand: the one before or after the outputs. */
  private static int inputAxis(Shape shape, int outputAxis) {
    if (outputAxis < 0) {
      return shape.rank() - 1;
    }
    boolean matrix = outputAxis == shape.rank() - 1;
    return matrix ? Math.max(0, outputAxis - 1) : outputAxis == 1 ? 0 : outputAxis + 1;
  }
}
