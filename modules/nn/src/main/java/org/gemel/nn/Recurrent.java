package org.gemel.nn;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.gemel.GemelException;
import org.gemel.Parameter;
import org.gemel.Scope;
import org.gemel.Shape;
import org.gemel.Tensor;
import org.gemel.TensorType;
import org.gemel.TypeException;

/// A recurrent layer: cells of one kind over a sequence, in several layers, in one direction or
/// both.
///
/// Shapes: `x` is `[steps, batch, inputs]`, or `[batch, steps, inputs]` if the batch comes first;
/// the output has `size` in place of `inputs`, twice that in both directions. Dtype: f32. Weights
/// start uniform in `-1/sqrt(size) .. 1/sqrt(size)`.
public final class Recurrent implements Module {
    /// How a recurrent layer is built.
    ///
    /// @param kind the kind of its cells
    /// @param layers how many cells the output of one is the input of the next
    /// @param bidirectional whether another cell goes through each sequence backwards
    /// @param bias whether cells have biases
    /// @param batchFirst whether dimension 0 of `x` is the batch
    public record Settings(
            Cells.Kind kind, int layers, boolean bidirectional, boolean bias, boolean batchFirst) {
        /// One layer, forwards, with biases, steps first.
        public static Settings of(Cells.Kind kind) {
            return new Settings(kind, 1, false, true, false);
        }

        /// Checks the number of layers.
        public Settings {
            if (layers < 1) {
                throw new GemelException(
                        "recurrent: expects at least one layer, but got %d; 1 is usual"
                                .formatted(layers));
            }
        }

        /// How many cells there are in each layer.
        public int directions() {
            return bidirectional ? 2 : 1;
        }
    }

    /// What a sequence leads to.
    ///
    /// @param output the last layer's state after each step, both directions side by side
    /// @param states each `[layers directions, batch, size]`: what the cells end with, `h` and, of
    ///   LSTM, `c`
    public record Result(Tensor output, List<Tensor> states) {}

    private final List<Parameter> parameters;
    private final Settings settings;
    private final int size;

    /// A layer without values; [Modules#init] gives them.
    public Recurrent(int inputs, int size, Settings settings) {
        if (inputs < 1 || size < 1) {
            throw new GemelException(
                    "recurrent: expects at least one input and a state, but got %d and %d; check"
                                    .formatted(inputs, size)
                            + " the sizes of the layers");
        }
        this.settings = settings;
        this.size = size;
        this.parameters = new ArrayList<>();
        int rows = settings.kind().gates() * size;
        for (int layer = 0; layer < settings.layers(); layer++) {
            int width = layer == 0 ? inputs : size * settings.directions();
            for (int side = 0; side < settings.directions(); side++) {
                String suffix = "_l" + layer + (side == 1 ? "_reverse" : "");
                add("weight_ih" + suffix, rows, width);
                add("weight_hh" + suffix, rows, size);
                if (settings.bias()) {
                    add("bias_ih" + suffix, rows);
                    add("bias_hh" + suffix, rows);
                }
            }
        }
    }

    private void add(String name, int... dims) {
        parameters.add(Uniform.parameter(name, 1 / Math.sqrt(size), dims));
    }

    private List<Cells.Weights> weights() {
        List<Cells.Weights> all = new ArrayList<>();
        int each = settings.bias() ? 4 : 2;
        for (int i = 0; i < parameters.size(); i += each) {
            all.add(
                    new Cells.Weights(
                            parameters.get(i).value(),
                            parameters.get(i + 1).value(),
                            bias(i + 2),
                            bias(i + 3)));
        }
        return all;
    }

    private Optional<Tensor> bias(int index) {
        return settings.bias() ? Optional.of(parameters.get(index).value()) : Optional.empty();
    }

    /// The output for a sequence that starts from zero states.
    @Override
    public Tensor forward(Tensor x) {
        return run(x).output();
    }

    /// Output and states of a sequence that starts from zero states.
    public Result run(Tensor x) {
        int batch = x.shape().rank() == 3 ? x.shape().dim(settings.batchFirst() ? 0 : 1) : 0;
        int cells = settings.layers() * settings.directions();
        Tensor zeros = Tensor.full(new TensorType(x.dtype(), Shape.of(cells, batch, size)), 0);
        return run(x, Collections.nCopies(settings.kind().states(), zeros));
    }

    /// Output and states of a sequence that starts from `states`, as they come from another.
    public Result run(Tensor x, List<Tensor> states) {
        List<Tensor> all =
                Scope.keepingAll(() -> {
                    Result result = apply(x, states, weights(), settings);
                    return Stream.concat(Stream.of(result.output()), result.states().stream())
                            .toList();
                });
        return new Result(all.getFirst(), all.subList(1, all.size()));
    }

    /// The layer as a function of its weights.
    ///
    /// @param states what the cells start from, each `[layers directions, batch, size]`
    /// @param weights one for each cell: layer by layer, forwards before backwards
    public static Result apply(
            Tensor x, List<Tensor> states, List<Cells.Weights> weights, Settings settings) {
        if (x.shape().rank() != 3) {
            throw new TypeException(
                    "recurrent: expects [steps, batch, inputs], or the batch first, but got %s; add"
                                    .formatted(x.type())
                            + " a dimension of size 1 for a batch of one");
        }
        Tensor sequence = settings.batchFirst() ? x.permute(1, 0, 2) : x;
        List<List<Tensor>> last = new ArrayList<>();
        for (int layer = 0; layer < settings.layers(); layer++) {
            List<Tensor> sides = new ArrayList<>();
            for (int side = 0; side < settings.directions(); side++) {
                int cell = layer * settings.directions() + side;
                List<Tensor> start = states.stream().map(s -> at(s, cell)).toList();
                Run run = run(sequence, start, weights.get(cell), settings.kind(), side == 1);
                sides.add(run.outputs());
                last.add(run.states());
            }
            sequence = sides.size() == 1 ? sides.getFirst() : Tensor.concat(sides, 2);
        }
        List<Tensor> ends = new ArrayList<>();
        for (int i = 0; i < settings.kind().states(); i++) {
            int state = i;
            ends.add(stacked(last.stream().map(all -> all.get(state)).toList()));
        }
        return new Result(settings.batchFirst() ? sequence.permute(1, 0, 2) : sequence, ends);
    }

    /// One cell's way through a sequence.
    private record Run(Tensor outputs, List<Tensor> states) {}

    private static Run run(
            Tensor x, List<Tensor> start, Cells.Weights w, Cells.Kind kind, boolean backwards) {
        int steps = x.shape().dim(0);
        if (steps == 0) {
            throw new TypeException(
                    "recurrent: expects at least one step, but got %s; leave empty sequences out"
                            .formatted(x.type()));
        }
        // One product for all steps' inputs.
        Tensor projected = kind.projected(x, w);
        Tensor[] outputs = new Tensor[steps];
        List<Tensor> states = start;
        for (int i = 0; i < steps; i++) {
            int t = backwards ? steps - 1 - i : i;
            states = kind.stepAfter(at(projected, t), states, w);
            outputs[t] = states.getFirst();
        }
        return new Run(stacked(List.of(outputs)), states);
    }

    private static Tensor at(Tensor x, int index) {
        return x.slice(0, index, index + 1, 1).squeeze(0);
    }

    private static Tensor stacked(List<Tensor> parts) {
        return Tensor.concat(parts.stream().map(part -> part.unsqueeze(0)).toList(), 0);
    }

    @Override
    public String toString() {
        return "%s %s, %d layers".formatted(settings.kind(), size, settings.layers());
    }
}
