package org.gemel.nn;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.gemel.Scope;
import org.gemel.Tensor;
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
            return step(projected(x, weights), states, weights.state(), weights.stateBias());
        }

        /// What the input adds to the gates: `W x + b`.
        public Tensor projected(Tensor x, Weights weights) {
            return Linear.apply(x, weights.input(), weights.inputBias());
        }

        /// The states after an input that was projected.
        public List<Tensor> step(
                Tensor projected, List<Tensor> states, Tensor weight, Optional<Tensor> bias) {
            return Scope.keepingAll(() -> {
                // Outside of the operation, which would compute it once more for its derivative.
                Tensor h = Linear.apply(states.getFirst(), weight, bias);
                List<Tensor> inputs = new ArrayList<>();
                inputs.add(projected);
                inputs.add(h);
                inputs.addAll(besides(states));
                String label = "cell_" + name().toLowerCase(Locale.ROOT);
                Composite cell =
                        Composite.of(
                                label,
                                List.of(),
                                in -> next(in.get(0), in.get(1), in.subList(2, in.size())));
                return Tensor.apply(cell, inputs);
            });
        }

        // The states that a step reads besides their product with the weight.
        private List<Tensor> besides(List<Tensor> states) {
            return switch (this) {
                case TANH, RELU -> List.of();
                case GRU -> states;
                case LSTM -> states.subList(1, 2);
            };
        }

        private List<Tensor> next(Tensor x, Tensor h, List<Tensor> besides) {
            return switch (this) {
                case TANH -> List.of(x.add(h).tanh());
                case RELU -> List.of(x.add(h).relu());
                case GRU -> {
                    Tensor reset = gate(x, 0).add(gate(h, 0)).sigmoid();
                    Tensor update = gate(x, 1).add(gate(h, 1)).sigmoid();
                    Tensor fresh = gate(x, 2).add(reset.mul(gate(h, 2))).tanh();
                    yield List.of(update.rsub(1).mul(fresh).add(update.mul(besides.getFirst())));
                }
                case LSTM -> {
                    Tensor sum = x.add(h);
                    Tensor kept = gate(sum, 1).sigmoid().mul(besides.getFirst());
                    Tensor cell = kept.add(gate(sum, 0).sigmoid().mul(gate(sum, 2).tanh()));
                    yield List.of(gate(sum, 3).sigmoid().mul(cell.tanh()), cell);
                }
            };
        }

        private Tensor gate(Tensor all, int index) {
            int size = all.shape().dim(-1) / gates;
            return all.slice(-1, index * size, (index + 1) * size, 1);
        }
    }
}
