package compress.train.torch;

import compress.train.Precision;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * While open, this thread's products and convolutions run in a {@link Precision}, as libtorch's own
 * autocast has it for processors; other operators take the type that they are given.
 */
final class Autocast implements AutoCloseable {
  private final boolean on;
  private final boolean before = torch.is_autocast_enabled(DeviceType.CPU);

  Autocast(Precision precision) {
    on = precision == Precision.BF16;
    // Each weight is cast once a step anyway; kept ones would be stale in the next.
    torch.set_autocast_cache_enabled(false);
    torch.set_autocast_dtype(DeviceType.CPU, ScalarType.BFloat16);
    torch.set_autocast_enabled(DeviceType.CPU, on);
  }

  /** The values, those that autocast has narrowed as 32-bit floats again. */
  List<Tensor> widened(List<Tensor> values) {
    return on ? values.stream().map(Autocast::widened).toList() : values;
  }

  private static Tensor widened(Tensor value) {
    return value.scalar_type().value == ScalarType.BFloat16.value
        ? value.to(ScalarType.Float)
        : value;
  }

  @Override
  public void close() {
    torch.set_autocast_enabled(DeviceType.CPU, before);
  }
}
