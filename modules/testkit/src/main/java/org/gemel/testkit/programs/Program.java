package org.gemel.testkit.programs;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.gemel.Context;
import org.gemel.DType;
import org.gemel.Gradients;
import org.gemel.Parameter;
import org.gemel.Tensor;
import org.gemel.TensorType;
import org.gemel.op.Dense;
import org.gemel.optim.Optimizer;
import org.gemel.testkit.HostTensors;

/// A program as a list of lines, of which each is an input or one call on earlier lines.
///
/// Its results are those of some lines, their gradients with respect to all real inputs (of the sum
/// of the squares of the real results) if `order` is 1, and the gradients of those too if it is 2.
/// Lines that no result needs are not run.
///
/// A program with weights has a state: what it computes depends on how often it has run.
///
/// @param seed what the generator made it from
/// @param lines inputs, weights and steps; a step reads earlier lines only
/// @param outputs the numbers of the lines that are results
/// @param order how often it is differentiated
/// @param learning what becomes of the weights in the end; if something, then their gradients and
///   their next values are results too, and `order` does not count
public record Program(
        long seed, List<Line> lines, List<Integer> outputs, int order, Learning learning) {
    private static final int SHOWN = 24;

    /// An input, a weight or a step.
    public sealed interface Line {
        /// The type of its value.
        TensorType type();
    }

    /// A value from outside.
    ///
    /// @param elements the value
    public record Input(Dense elements) implements Line {
        @Override
        public TensorType type() {
            return elements.type();
        }
    }

    /// A parameter.
    ///
    /// @param initial what it starts from
    public record Weight(Dense initial) implements Line {
        @Override
        public TensorType type() {
            return initial.type();
        }
    }

    /// A call.
    ///
    /// @param text as Java, with `{0}` for the first operand and so on
    /// @param from the lines of the operands
    /// @param body the call
    /// @param type of the result
    /// @param assigns whether the result is assigned to the weight that is the first operand
    public record Step(String text, List<Integer> from, Body body, TensorType type, boolean assigns)
            implements Line {
        /// A step that assigns nothing.
        public Step(String text, List<Integer> from, Body body, TensorType type) {
            this(text, from, body, type, false);
        }

        /// The same step, with its result assigned to its first operand.
        Step assigning() {
            return new Step(text, from, body, type, true);
        }

        Step withType(TensorType other) {
            return new Step(text, from, body, other, assigns);
        }

        Step withOperands(List<Integer> others) {
            return new Step(text, others, body, type, assigns);
        }
    }

    /// What a step does.
    @FunctionalInterface
    public interface Body {
        /// The result for these operands.
        Tensor apply(List<Tensor> operands);
    }

    /// Copies the lists.
    public Program {
        lines = List.copyOf(lines);
        outputs = List.copyOf(outputs);
    }

    /// A program without weights.
    public Program(long seed, List<Line> lines, List<Integer> outputs, int order) {
        this(seed, lines, outputs, order, Learning.NONE);
    }

    /// Whether it depends on how often it has run.
    public boolean hasState() {
        return needed().stream().anyMatch(id -> lines.get(id) instanceof Weight);
    }

    /// The lines that the results depend on.
    public BitSet needed() {
        BitSet needed = new BitSet();
        outputs.forEach(needed::set);
        for (int id = lines.size() - 1; id >= 0; id--) {
            if (needed.get(id) && lines.get(id) instanceof Step step) {
                step.from().forEach(needed::set);
            }
        }
        return needed;
    }

    /// The values of the inputs that are needed, in order.
    public List<Dense> inputs() {
        List<Dense> inputs = new ArrayList<>();
        BitSet needed = needed();
        for (int id = needed.nextSetBit(0); id >= 0; id = needed.nextSetBit(id + 1)) {
            if (lines.get(id) instanceof Input(Dense elements)) {
                inputs.add(elements);
            }
        }
        return inputs;
    }

    /// What the program computes from inputs of the types of [#inputs], with weights of its own: an
    /// object that refers to nothing but them and the steps.
    public UnaryOperator<List<Tensor>> function() {
        List<Optional<Step>> steps = new ArrayList<>();
        List<Optional<Parameter>> weights = new ArrayList<>();
        List<Integer> numbers = new ArrayList<>();
        BitSet needed = needed();
        for (int id = needed.nextSetBit(0); id >= 0; id = needed.nextSetBit(id + 1)) {
            Line line = lines.get(id);
            steps.add(line instanceof Step step ? Optional.of(step) : Optional.empty());
            weights.add(
                    line instanceof Weight(Dense initial)
                            ? Optional.of(new Parameter("v" + id, HostTensors.tensor(initial)))
                            : Optional.empty());
            numbers.add(id);
        }
        List<Parameter> all = weights.stream().flatMap(Optional::stream).toList();
        Run run =
                new Run(
                        lines.size(),
                        List.copyOf(steps),
                        List.copyOf(weights),
                        List.copyOf(numbers),
                        outputs,
                        order,
                        all,
                        learning.optimizer(all));
        return run::results;
    }

    private record Run(
            int size,
            List<Optional<Step>> steps,
            List<Optional<Parameter>> weights,
            List<Integer> numbers,
            List<Integer> outputs,
            int order,
            List<Parameter> all,
            Optional<Optimizer> optimizer) {

        List<Tensor> results(List<Tensor> inputs) {
            return optimizer.isPresent()
                    ? learned(inputs, optimizer.get())
                    : differentiated(inputs);
        }

        private List<Tensor> learned(List<Tensor> inputs, Optimizer learner) {
            List<Tensor> values = forward(inputs);
            learner.zeroGrad();
            Tensor loss = squares(values);
            if (loss.requiresGrad()) {
                loss.backward();
            }
            List<Tensor> results = new ArrayList<>();
            values.forEach(value -> results.add(value.detach()));
            all.forEach(weight -> weight.gradient().ifPresent(results::add));
            learner.step();
            all.forEach(weight -> results.add(weight.value().detach()));
            return results;
        }

        private List<Tensor> differentiated(List<Tensor> inputs) {
            List<Tensor> results = new ArrayList<>(forward(inputs));
            if (order > 0) {
                results.addAll(slopes(this::forward, inputs));
            }
            if (order > 1) {
                results.addAll(slopes(in -> slopes(this::forward, in), inputs));
            }
            return results;
        }

        private List<Tensor> forward(List<Tensor> inputs) {
            Tensor[] values = new Tensor[size];
            int next = 0;
            for (int i = 0; i < numbers.size(); i++) {
                int id = numbers.get(i);
                Optional<Step> step = steps.get(i);
                if (weights.get(i).isPresent()) {
                    values[id] = weights.get(i).get().value();
                } else if (step.isEmpty()) {
                    values[id] = inputs.get(next++);
                } else {
                    List<Tensor> operands = new ArrayList<>();
                    for (int from : step.get().from()) {
                        operands.add(values[from]);
                    }
                    values[id] = step.get().body().apply(operands);
                    if (step.get().assigns()) {
                        values[id] = assigned(step.get().from().getFirst(), values[id]);
                    }
                }
            }
            List<Tensor> results = new ArrayList<>();
            for (int output : outputs) {
                results.add(values[output]);
            }
            return results;
        }

        private Tensor assigned(int line, Tensor value) {
            // A program that has been made small may have something else in its place.
            Optional<Parameter> weight = weights.get(numbers.indexOf(line));
            weight.ifPresent(w -> w.assign(value));
            return weight.isPresent() ? weight.get().value() : value;
        }
    }

    /// The gradients of the sum of the squares of the real results of `f`, for each real input.
    static List<Tensor> slopes(UnaryOperator<List<Tensor>> f, List<Tensor> at) {
        List<Boolean> wanted = new ArrayList<>();
        for (Tensor input : at) {
            wanted.add(input.dtype().isFloating());
        }
        Tensor one = Tensor.full(TensorType.of(DType.F64), 1);
        List<Optional<Tensor>> found =
                Gradients.pull(
                        in -> List.of(squares(f.apply(in))),
                        at,
                        List.of(Optional.of(one)),
                        wanted,
                        Context.current());
        List<Tensor> slopes = new ArrayList<>();
        for (int i = 0; i < at.size(); i++) {
            if (wanted.get(i)) {
                slopes.add(found.get(i).isPresent() ? found.get(i).get() : at.get(i).zerosLike());
            }
        }
        return slopes;
    }

    private static Tensor squares(List<Tensor> results) {
        Tensor sum = Tensor.full(TensorType.of(DType.F64), 0);
        for (Tensor result : results) {
            if (result.dtype().isFloating()) {
                sum = sum.add(result.square().sum().to(DType.F64));
            }
        }
        return sum;
    }

    /// The same program with other lines, results or order.
    Program with(List<Line> otherLines, List<Integer> otherOutputs, int otherOrder) {
        return new Program(seed, otherLines, otherOutputs, otherOrder, learning);
    }

    /// The same program without an optimizer.
    Program unlearned() {
        return new Program(seed, lines, outputs, order);
    }

    /// How many steps are run.
    public int steps() {
        return (int) needed().stream().filter(id -> lines.get(id) instanceof Step).count();
    }

    /// The program in a form close to Java.
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("program of seed ").append(seed).append('\n');
        BitSet needed = needed();
        for (int id = needed.nextSetBit(0); id >= 0; id = needed.nextSetBit(id + 1)) {
            text.append("  v").append(id).append(" = ");
            switch (lines.get(id)) {
                case Input(Dense elements) -> text.append("input ").append(values(elements));
                case Weight(Dense initial) -> text.append("weight ").append(values(initial));
                case Step step -> {
                    String call = step.text();
                    for (int i = 0; i < step.from().size(); i++) {
                        call = call.replace("{" + i + "}", "v" + step.from().get(i));
                    }
                    if (step.assigns()) {
                        call = "v%d.assign(%s)".formatted(step.from().getFirst(), call);
                    }
                    text.append(call).append("  // ").append(step.type());
                }
            }
            text.append('\n');
        }
        text.append("  return ");
        text.append(String.join(", ", outputs.stream().map(id -> "v" + id).toList()));
        text.append(order == 0 ? "" : ", differentiated " + order + " times");
        return text.append(learning == Learning.NONE ? "" : ", then " + learning).toString();
    }

    private static String values(Dense elements) {
        TensorType type = elements.type();
        StringBuilder text = new StringBuilder().append(type).append(" {");
        for (int i = 0; i < Math.min(elements.size(), SHOWN); i++) {
            text.append(i == 0 ? "" : ", ");
            if (type.dtype().isFloating()) {
                text.append(elements.real(i));
            } else {
                text.append(elements.integer(i));
            }
        }
        return text.append(elements.size() > SHOWN ? ", ..}" : "}").toString();
    }

    /// The inputs as tensors of the current interpreter.
    static List<Tensor> tensors(List<Dense> inputs) {
        return inputs.stream().map(HostTensors::tensor).toList();
    }
}
