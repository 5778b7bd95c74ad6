package compress.train.torch;

import java.util.Arrays;
import java.util.function.BinaryOperator;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.StringViewOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Elementwise operators on several tensors, which broadcast as in NumPy. */
final class Arithmetic {
  private Arithmetic() {}

  static Op binary(BinaryOperator<Tensor> function) {
    return Op.of(call -> function.apply(call.in(0), call.in(1)));
  }

  /** As many inputs as there are, from left to right. */
  static Op variadic(BinaryOperator<Tensor> function) {
    return Op.of(call -> {
      Tensor result = call.in(0);
      for (int i = 1; i < call.inputs().size(); i++) {
        result = function.apply(result, call.in(i));
      }
      return result;
    });
  }

  static Tensor mean(Call call) {
    Tensor sum = call.in(0);
    for (int i = 1; i < call.inputs().size(); i++) {
      sum = sum.add(call.in(i));
    }
    return sum.div(new Scalar((float) call.inputs().size()));
  }

  /** Integers divide toward zero. */
  static Tensor div(Call call) {
    return call.isFloat(0)
        ? call.in(0).div(call.in(1))
        : torch.div(call.in(0), call.in(1), truncating());
  }

  private static StringViewOptional truncating() {
    return new StringViewOptional(new BytePointer("trunc"));
  }

  /** The sign is the divisor's, or with {@code fmod} the dividend's. */
  static Tensor mod(Call call) {
    return call.flag("fmod", false)
        ? torch.fmod(call.in(0), call.in(1))
        : torch.remainder(call.in(0), call.in(1));
  }

  /** In the type of the base. */
  static Tensor pow(Call call) {
    Tensor base = call.in(0);
    if (call.isFloat(0) && call.in(1).numel() == 1 && call.in(1).dim() == 0) {
      // A constant exponent has a cheaper gradient than one that may be trained.
      return call.in(1).requires_grad()
          ? base.pow(call.in(1).to(base.scalar_type()))
          : base.pow(new Scalar(call.in(1).to(ScalarType.Double).item_double()));
    }
    if (!call.isFloat(0) && call.isFloat(1)) {
      return base.to(call.type(1)).pow(call.in(1)).to(base.scalar_type());
    }
    return base.pow(call.in(1)).to(base.scalar_type());
  }

  static Tensor where(Call call) {
    return torch.where(call.in(0), call.in(1), call.in(2));
  }

  static Tensor bitShift(Call call) {
    return call.text("direction", "").equals("LEFT")
        ? torch.bitwise_left_shift(call.in(0), call.in(1))
        : torch.bitwise_right_shift(call.in(0), call.in(1));
  }

  static Tensor sign(Tensor x) {
    return torch.sign(x);
  }

  static Tensor isInf(Call call) {
    Tensor x = call.in(0);
    Tensor result = torch.isinf(x);
    if (!call.flag("detect_negative", true)) {
      result = torch.logical_and(result, x.gt(new Scalar(0)));
    }
    return call.flag("detect_positive", true)
        ? result
        : torch.logical_and(result, x.lt(new Scalar(0)));
  }

  /** Halves to even, as libtorch has it. */
  static Tensor round(Tensor x) {
    return torch.round(x);
  }

  static Tensor cumSum(Call call) {
    Tensor x = call.in(0);
    int axis = Call.axis(x, call.longs(1)[0]);
    boolean reverse = call.flag("reverse", false);
    Tensor forward = reverse ? torch.flip(x, axis) : x;
    Tensor sums = torch.cumsum(forward, axis).to(x.scalar_type());
    if (call.flag("exclusive", false)) {
      sums = sums.sub(forward);
    }
    return reverse ? torch.flip(sums, axis) : sums;
  }

  /** The shape that both broadcast to. */
  static long[] broadcast(long[] a, long[] b) {
    long[] result = new long[Math.max(a.length, b.length)];
    Arrays.fill(result, 1);
    for (int i = 1; i <= result.length; i++) {
      long x = i <= a.length ? a[a.length - i] : 1;
      long y = i <= b.length ? b[b.length - i] : 1;
      if (x != y && x != 1 && y != 1) {
        throw new IllegalArgumentException(
            Arrays.toString(a) + " and " + Arrays.toString(b) + " do not broadcast");
      }
      result[result.length - i] = x == 1 ? y : x;
    }
    return result;
  }
}
