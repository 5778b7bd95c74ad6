package compress.train.torch;

import compress.model.DType;
import compress.model.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteOrder;
import java.util.Optional;
import org.bytedeco.openblas.global.openblas;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Loads libtorch, and carries numbers in and out of it. */
final class Libtorch {
  private static final String SPIN_COUNT = "1000";

  private static boolean loaded;

  private Libtorch() {}

  /**
   * Loads the native code if that has not happened yet, and sets how many threads it may use.
   *
   * @throws IllegalStateException if it is not there; says what to add
   */
  static synchronized void load(int threads) {
    if (!loaded) {
      // Counts what libtorch holds against the Java heap's limit otherwise, and stops at twice
      // that.
      if (System.getProperty("org.bytedeco.javacpp.maxPhysicalBytes") == null) {
        System.setProperty("org.bytedeco.javacpp.maxPhysicalBytes", "0");
      }
      spinBriefly();
      try {
        // OpenBLAS's own threads would fight with libtorch's, a step then takes four times as long.
        openblas.blas_set_num_threads(1);
        torch.set_num_threads(threads);
      } catch (LinkageError e) {
        throw new IllegalStateException(
            "libtorch for this system is missing (%s): add org.bytedeco:pytorch, :openblas and"
                    .formatted(e.getMessage())
                + " :javacpp with this system's classifier, linux-arm64 say; building with"
                + " -Dnatives=CLASSIFIER does",
            e);
      }
      loaded = true;
    }
    torch.set_num_threads(threads);
  }

  /**
   * Lets libgomp's threads wait asleep after a moment. By default they spin, and on a machine that
   * has other work a step then takes several times as long. libgomp asks the environment when it is
   * loaded, so Java's own view of it will not do.
   */
  private static void spinBriefly() {
    if (System.getenv("GOMP_SPINCOUNT") != null || System.getenv("OMP_WAIT_POLICY") != null) {
      return;
    }
    Linker linker = Linker.nativeLinker();
    Optional<MemorySegment> setenv = linker.defaultLookup().find("setenv");
    if (setenv.isEmpty()) {
      return;
    }
    MethodHandle call =
        linker.downcallHandle(
            setenv.get(),
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.ADDRESS,
                ValueLayout.ADDRESS,
                ValueLayout.JAVA_INT));
    try (Arena arena = Arena.ofConfined()) {
      int failed =
          (int)
              call.invokeExact(
                  arena.allocateFrom("GOMP_SPINCOUNT"), arena.allocateFrom(SPIN_COUNT), 0);
      assert failed == 0 : "setenv";
    } catch (Throwable e) {
      throw new IllegalStateException("setenv cannot be called", e);
    }
  }

  /** The type of the same numbers in libtorch; empty for those it cannot compute with. */
  static Optional<ScalarType> type(DType type) {
    return Optional.ofNullable(
        switch (type) {
          case F32 -> ScalarType.Float;
          case F64 -> ScalarType.Double;
          case F16 -> ScalarType.Half;
          case BF16 -> ScalarType.BFloat16;
          case U8 -> ScalarType.Byte;
          case I8 -> ScalarType.Char;
          case I16 -> ScalarType.Short;
          case I32 -> ScalarType.Int;
          case I64 -> ScalarType.Long;
          case BOOL -> ScalarType.Bool;
          default -> null;
        });
  }

  private static ScalarType requireType(DType type) {
    return type(type)
        .orElseThrow(() -> new IllegalArgumentException("libtorch cannot compute with " + type));
  }

  private static DType type(ScalarType type) {
    for (DType t : DType.values()) {
      // By value: javacpp makes the constants of an enum anew.
      if (type(t).filter(known -> known.value == type.value).isPresent()) {
        return t;
      }
    }
    throw new IllegalStateException("a tensor of libtorch's own type " + type);
  }

  /** A copy in libtorch's memory. */
  static Tensor copy(compress.model.Tensor from) {
    Tensor to = empty(requireType(from.type()), from.shape().toArray());
    memory(to).copyFrom(from.data());
    return to;
  }

  /**
   * Images with their channels as the fastest axis in memory; other tensors as they are. oneDNN's
   * convolutions then need not rearrange them.
   */
  static Tensor channelsLast(Tensor tensor) {
    return tensor.dim() == 4 ? tensor.contiguous(MemoryFormat.ChannelsLast) : tensor;
  }

  static Tensor floats(float[] values, long... sizes) {
    return copy(compress.model.Tensor.of(Shape.of(sizes), values));
  }

  static Tensor longs(long... values) {
    return copy(compress.model.Tensor.ofLongs(Shape.of(values.length), values));
  }

  /** Memory that holds anything yet. */
  static Tensor empty(ScalarType type, long... sizes) {
    try (TensorOptions options = new TensorOptions(type)) {
      return torch.empty(sizes, options, null);
    }
  }

  static Tensor zeros(ScalarType type, long... sizes) {
    try (TensorOptions options = new TensorOptions(type)) {
      return torch.zeros(sizes, options);
    }
  }

  /** The bytes of a contiguous tensor, in place: valid while the tensor is. */
  static MemorySegment memory(Tensor tensor) {
    if (tensor.numel() == 0) {
      return MemorySegment.NULL;
    }
    return MemorySegment.ofAddress(tensor.data_ptr().address())
        .reinterpret(type(tensor.scalar_type()).bytesFor(tensor.numel()));
  }

  /** A copy in Java's memory. */
  static compress.model.Tensor toJava(Tensor from) {
    try (Tensor dense = from.detach().contiguous()) {
      DType type = type(dense.scalar_type());
      Shape shape = Shape.of(sizes(dense));
      if (type == DType.F32) {
        return compress.model.Tensor.of(shape, toFloats(dense));
      }
      byte[] bytes = new byte[Math.toIntExact(type.bytesFor(shape.size()))];
      MemorySegment.ofArray(bytes).copyFrom(memory(dense));
      return compress.model.Tensor.of(type, shape, bytes);
    }
  }

  /** All numbers of an F32 tensor. A fresh array. */
  static float[] toFloats(Tensor from) {
    float[] values = new float[Math.toIntExact(from.numel())];
    try (Tensor dense = from.detach().contiguous()) {
      MemorySegment.ofArray(values).copyFrom(memory(dense));
    }
    return values;
  }

  /** Replaces all numbers of a contiguous F32 tensor. */
  static void set(Tensor to, float[] values) {
    memory(to).copyFrom(MemorySegment.ofArray(values));
  }

  /** All numbers of a tensor of any integer type. A fresh array. */
  static long[] toLongs(Tensor from) {
    long[] values = new long[Math.toIntExact(from.numel())];
    try (Tensor dense = from.detach().to(ScalarType.Long).contiguous()) {
      MemorySegment.ofArray(values).copyFrom(memory(dense));
    }
    return values;
  }

  /** The lengths of the axes. */
  static long[] sizes(Tensor tensor) {
    long[] sizes = new long[(int) tensor.dim()];
    for (int axis = 0; axis < sizes.length; axis++) {
      sizes[axis] = tensor.size(axis);
    }
    return sizes;
  }

  static {
    if (ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
      throw new UnsupportedOperationException("compress needs a little-endian machine");
    }
  }
}
