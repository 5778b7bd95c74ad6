package compress.train.torch;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** Matrix products. */
final class Products {
  private Products() {}

  static Tensor gemm(Call call) {
    float alpha = call.node().floatAttribute("alpha", 1);
    float beta = call.node().floatAttribute("beta", 1);
    Tensor a = call.flag("transA", false) ? call.in(0).t() : call.in(0);
    boolean transB = call.flag("transB", false);
    boolean plainBias = !call.has(2) || call.in(2).dim() == 1 && beta == 1;
    if (alpha == 1 && plainBias && call.isFloat(0)) {
      Tensor weight = transB ? call.in(1) : call.in(1).t();
      return torch.linear(a, weight, call.optional(2));
    }
    Tensor b = transB ? call.in(1).t() : call.in(1);
    Tensor product = torch.matmul(a, b);
    Tensor scaled = alpha == 1 ? product : product.mul(new Scalar(alpha));
    if (!call.has(2)) {
      return scaled;
    }
    return scaled.add(beta == 1 ? call.in(2) : call.in(2).mul(new Scalar(beta)));
  }

  static Tensor matMul(Call call) {
    return torch.matmul(call.in(0), call.in(1));
  }

  static Tensor einsum(Call call) {
    Tensor[] inputs = call.inputs().toArray(Tensor[]::new);
    return torch.einsum(call.text("equation", "").replace(" ", ""), new TensorVector(inputs));
  }
}
