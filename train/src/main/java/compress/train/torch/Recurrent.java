package compress.train.torch;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** {@code LSTM}, {@code GRU} and {@code RNN} with their usual activations, step by step. */
final class Recurrent {
  private Recurrent() {}

  /** Hidden and, for LSTM, cell state of one direction: {@code [batch, hidden]}. */
  private record State(Tensor hidden, Tensor cell) {}

  /** The weights of one direction; peepholes are 0 where there are none. */
  private record Layer(
      Tensor input, Tensor recurrent, Tensor inputBias, Tensor recurrentBias, Tensor peepholes) {}

  private interface Cell {
    State step(Tensor x, State before, Layer layer, Call call);
  }

  static List<Tensor> lstm(Call call) {
    return run(call, 4, Recurrent::lstmStep);
  }

  static List<Tensor> gru(Call call) {
    return run(call, 3, Recurrent::gruStep);
  }

  static List<Tensor> rnn(Call call) {
    return run(call, 1, Recurrent::rnnStep);
  }

  private static List<Tensor> run(Call call, int gates, Cell cell) {
    boolean batchFirst = call.intAttribute("layout", 0) == 1;
    Tensor x = batchFirst ? call.in(0).transpose(0, 1) : call.in(0);
    long batch = x.size(1);
    long hidden = call.in(2).size(2);
    String direction = call.text("direction", "forward");
    List<Tensor> outputs = new ArrayList<>();
    List<Tensor> lastHidden = new ArrayList<>();
    List<Tensor> lastCell = new ArrayList<>();
    for (int d = 0; d < call.in(1).size(0); d++) {
      Layer layer = layer(call, d, gates, hidden);
      State state =
          new State(
              initial(call, 5, d, batch, hidden, batchFirst),
              initial(call, 6, d, batch, hidden, batchFirst));
      boolean backward = d == 1 || direction.equals("reverse");
      int length = (int) x.size(0);
      Tensor[] steps = new Tensor[length];
      for (int i = 0; i < length; i++) {
        int t = backward ? length - 1 - i : i;
        state = cell.step(x.select(0, t), state, layer, call);
        steps[t] = state.hidden();
      }
      outputs.add(torch.stack(new TensorVector(steps), 0));
      lastHidden.add(state.hidden());
      lastCell.add(state.cell());
    }
    int directions = batchFirst ? 1 : 0;
    Tensor y = stack(outputs, 1);
    return List.of(
        batchFirst ? y.permute(2, 0, 1, 3) : y,
        stack(lastHidden, directions),
        stack(lastCell, directions));
  }

  private static Tensor stack(List<Tensor> parts, int axis) {
    return torch.stack(new TensorVector(parts.toArray(Tensor[]::new)), axis);
  }

  private static Layer layer(Call call, int direction, int gates, long hidden) {
    Tensor bias = call.has(3) ? call.in(3).select(0, direction) : zeros(call, 2L * gates * hidden);
    return new Layer(
        call.in(1).select(0, direction),
        call.in(2).select(0, direction),
        bias.narrow(0, 0, gates * hidden),
        bias.narrow(0, gates * hidden, gates * hidden),
        call.has(7) ? call.in(7).select(0, direction) : zeros(call, 3 * hidden));
  }

  private static Tensor initial(
      Call call, int input, int direction, long batch, long hidden, boolean batchFirst) {
    return call.has(input)
        ? call.in(input).select(batchFirst ? 1 : 0, direction)
        : zeros(call, batch, hidden);
  }

  private static Tensor zeros(Call call, long... sizes) {
    ScalarType type = call.type(0);
    return Libtorch.zeros(type, sizes);
  }

  /** Gates in the order input, output, forget, cell. */
  private static State lstmStep(Tensor x, State before, Layer layer, Call call) {
    Tensor sums =
        torch
            .linear(x, layer.input(), layer.inputBias())
            .add(torch.linear(before.hidden(), layer.recurrent(), layer.recurrentBias()));
    Tensor input = gate(sums, 0).add(before.cell().mul(gate(layer.peepholes(), 0, 3))).sigmoid();
    Tensor forget = gate(sums, 2).add(before.cell().mul(gate(layer.peepholes(), 2, 3))).sigmoid();
    Tensor cell = forget.mul(before.cell()).add(input.mul(gate(sums, 3).tanh()));
    Tensor output = gate(sums, 1).add(cell.mul(gate(layer.peepholes(), 1, 3))).sigmoid();
    return new State(output.mul(cell.tanh()), cell);
  }

  private static Tensor gate(Tensor sums, int i) {
    return gate(sums, i, 4);
  }

  private static Tensor gate(Tensor sums, int i, int gates) {
    long size = sums.size(-1) / gates;
    return sums.narrow(-1, i * size, size);
  }

  /** Gates in the order update, reset, hidden. */
  private static State gruStep(Tensor x, State before, Layer layer, Call call) {
    Tensor in = torch.linear(x, layer.input(), layer.inputBias());
    Tensor again = torch.linear(before.hidden(), layer.recurrent(), layer.recurrentBias());
    Tensor update = gate(in, 0, 3).add(gate(again, 0, 3)).sigmoid();
    Tensor reset = gate(in, 1, 3).add(gate(again, 1, 3)).sigmoid();
    long size = before.hidden().size(-1);
    Tensor candidate =
        call.flag("linear_before_reset", false)
            ? reset.mul(gate(again, 2, 3))
            : torch.linear(
                reset.mul(before.hidden()),
                layer.recurrent().narrow(0, 2 * size, size),
                layer.recurrentBias().narrow(0, 2 * size, size));
    Tensor hidden = gate(in, 2, 3).add(candidate).tanh();
    Tensor kept = update.mul(before.hidden());
    return new State(update.neg().add(new Scalar(1)).mul(hidden).add(kept), before.cell());
  }

  private static State rnnStep(Tensor x, State before, Layer layer, Call call) {
    Tensor sums =
        torch
            .linear(x, layer.input(), layer.inputBias())
            .add(torch.linear(before.hidden(), layer.recurrent(), layer.recurrentBias()));
    return new State(sums.tanh(), before.cell());
  }
}
