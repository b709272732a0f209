package org.gemel.nn;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.gemel.Scope;
import org.gemel.Shape;
import org.gemel.Tensor;
import org.gemel.TypeException;
import org.gemel.op.Composite;

/// Recurrent cells: one step of a sequence, in PyTorch's formulas and order of gates.
///
/// Shapes: `x` is `[.., inputs]`, states are `[.., size]`.
public final class Cells {
    private Cells() {}

    /// The weights of a cell with `g` gates.
    ///
    /// @param input `[g size, inputs]`
    /// @param state `[g size, size]`
    /// @param inputBias `[g size]`, if there is one
    /// @param stateBias `[g size]`, if there is one
    public record Weights(
            Tensor input, Tensor state, Optional<Tensor> inputBias, Optional<Tensor> stateBias) {}

    /// A kind of cell.
    public enum Kind {
        /// `tanh(W x + b + U h + c)` (Elman, 1990).
        TANH(1, 1),
        /// The same with `max(0, ..)`.
        RELU(1, 1),
        /// Gated recurrent unit (Cho et al., 2014): gates reset `r`, update `z`, new `n`; `n =
        /// tanh(W x + b + r (U h + c))`, `h = (1 - z) n + z h`.
        GRU(3, 1),
        /// Long short-term memory (Hochreiter and Schmidhuber, 1997): gates input, forget, new,
        /// output; states `h` and `c`.
        LSTM(4, 2);

        private final int gates;
        private final int states;

        Kind(int gates, int states) {
            this.gates = gates;
            this.states = states;
        }

        /// How many rows of weights there are for each element of the state.
        public int gates() {
            return gates;
        }

        /// How many tensors the state has.
        public int states() {
            return states;
        }

        /// The states after `x`.
        public List<Tensor> step(Tensor x, List<Tensor> states, Weights weights) {
            return stepAfter(projected(x, weights), states, weights);
        }

        /// What the input adds to the gates: `W x + b`, and `c` too where the state's part is added
        /// as it is.
        public Tensor projected(Tensor x, Weights weights) {
            Optional<Tensor> both =
                    this == GRU
                            ? weights.inputBias()
                            : Stream.of(weights.inputBias(), weights.stateBias())
                                    .flatMap(Optional::stream)
                                    .reduce(Tensor::add);
            return Linear.apply(x, weights.input(), both);
        }

        /// The states after an input that was [projected][#projected].
        public List<Tensor> stepAfter(Tensor projected, List<Tensor> states, Weights weights) {
            Shape x = projected.shape();
            Shape state = states.getFirst().shape();
            if (state.rank() != x.rank() || !state.with(x.rank() - 1, x.dim(-1)).equals(x)) {
                throw new TypeException(
                        "cell: expects states [.., size] for inputs [.., inputs] with the same dimensions before the last, but got states %s and gates %s; check the batch"
                                .formatted(state, x));
            }
            return Scope.keepingAll(() -> {
                // Products stay outside of the cell's operation, whose derivative would compute
                // them once more.
                Tensor h = states.getFirst();
                List<Tensor> inputs = new ArrayList<>();
                if (this == GRU) {
                    inputs.add(projected);
                    inputs.add(Linear.apply(h, weights.state(), weights.stateBias()));
                    inputs.add(h);
                } else {
                    inputs.add(h.linear(weights.state(), projected));
                    inputs.addAll(states.subList(1, states.size()));
                }
                String label = "cell_" + name().toLowerCase(Locale.ROOT);
                return Tensor.apply(Composite.of(label, List.of(), this::next), inputs);
            });
        }

        private List<Tensor> next(List<Tensor> in) {
            Tensor x = in.getFirst();
            return switch (this) {
                case TANH -> List.of(x.tanh());
                case RELU -> List.of(x.relu());
                case GRU -> {
                    Tensor h = in.get(1);
                    Tensor reset = sum(x, h, 0).sigmoid();
                    Tensor update = sum(x, h, 1).sigmoid();
                    Tensor fresh = gate(x, 2).add(reset.mul(gate(h, 2))).tanh();
                    yield List.of(update.rsub(1).mul(fresh).add(update.mul(in.get(2))));
                }
                case LSTM -> {
                    Tensor kept = gate(x, 1).sigmoid().mul(in.get(1));
                    Tensor cell = kept.add(gate(x, 0).sigmoid().mul(gate(x, 2).tanh()));
                    yield List.of(gate(x, 3).sigmoid().mul(cell.tanh()), cell);
                }
            };
        }

        private Tensor sum(Tensor x, Tensor h, int index) {
            return gate(x, index).add(gate(h, index));
        }

        private Tensor gate(Tensor all, int index) {
            int size = all.shape().dim(-1) / gates;
            return all.slice(-1, index * size, (index + 1) * size, 1);
        }
    }
}
