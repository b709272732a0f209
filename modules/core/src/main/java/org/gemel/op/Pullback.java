package org.gemel.op;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.gemel.Context;
import org.gemel.Gradients;
import org.gemel.Tensor;
import org.gemel.TensorType;

/// What a derivative rule works with: the cotangents of the outputs, the inputs and outputs of the
/// operation, and a place to give the cotangents of the inputs.
public final class Pullback {
    private final List<TensorType> types;
    private final List<Tensor> inputs;
    private final List<Tensor> outputs;
    private final List<Optional<Tensor>> cotangents;
    private final List<Boolean> needed;
    private final List<Optional<Tensor>> given;

    /// A pullback of one application.
    ///
    /// @param inputs the inputs; those that the rule does not read may be of known type only
    /// @param outputs the outputs, likewise
    /// @param cotangents one for each output, absent where nothing depends on it
    /// @param needed which inputs' cotangents are wanted
    public Pullback(
            List<Tensor> inputs,
            List<Tensor> outputs,
            List<Optional<Tensor>> cotangents,
            List<Boolean> needed) {
        this.types = inputs.stream().map(Tensor::type).toList();
        this.inputs = inputs;
        this.outputs = outputs;
        this.cotangents = cotangents;
        this.needed = needed;
        this.given = new ArrayList<>(Collections.nCopies(inputs.size(), Optional.empty()));
    }

    /// The number of inputs.
    public int arity() {
        return inputs.size();
    }

    /// The cotangent of the only output.
    public Tensor g() {
        return cotangents.getFirst().orElseThrow();
    }

    /// The cotangent of output `i`; zeros where nothing depends on it.
    public Tensor g(int i) {
        return cotangents.get(i).orElseGet(() -> outputs.get(i).zerosLike());
    }

    /// Input `i`.
    public Tensor x(int i) {
        return inputs.get(i);
    }

    /// The type of input `i`.
    public TensorType type(int i) {
        return types.get(i);
    }

    /// The only output.
    public Tensor y() {
        return outputs.getFirst();
    }

    /// Output `i`.
    public Tensor y(int i) {
        return outputs.get(i);
    }

    /// Whether the cotangent of input `i` is wanted.
    public boolean needs(int i) {
        return needed.get(i);
    }

    /// Gives the cotangent of input `i`, worked out only if it is wanted; what was broadcast is
    /// summed.
    public void give(int i, Supplier<Tensor> cotangent) {
        if (needed.get(i)) {
            given.set(i, Optional.of(cotangent.get().sumTo(types.get(i).shape())));
        }
    }

    /// Gives the cotangents that follow from differentiating `body`, which computes the outputs
    /// from the inputs.
    public void differentiate(UnaryOperator<List<Tensor>> body) {
        List<Optional<Tensor>> found =
                Gradients.pull(body, inputs, cotangents, needed, Context.current());
        for (int i = 0; i < found.size(); i++) {
            given.set(i, found.get(i));
        }
    }

    /// The cotangents of the inputs; absent where not wanted or zero.
    public List<Optional<Tensor>> given() {
        return given;
    }

    /// Which inputs and which outputs the derivative rule of an operation reads.
    ///
    /// @param inputs one for each input
    /// @param outputs one for each output
    public record Reads(List<Boolean> inputs, List<Boolean> outputs) {
        /// Whether the rule reads anything but cotangents.
        public boolean any() {
            return inputs.contains(true) || outputs.contains(true);
        }
    }

    /// Finds out what the rule of `op` reads by running it on types alone.
    public static Reads reads(Op op, List<TensorType> inputTypes) {
        List<Tensor> xs = inputTypes.stream().map(TypesOnly::unknown).toList();
        List<TensorType> outputTypes = op.infer(inputTypes);
        List<Tensor> ys = outputTypes.stream().map(TypesOnly::unknown).toList();
        List<Optional<Tensor>> gs =
                outputTypes.stream().map(type -> Optional.of(TypesOnly.unknown(type))).toList();
        List<Boolean> needed = inputTypes.stream().map(type -> type.dtype().isFloating()).toList();
        Pullback probe = new Pullback(xs, ys, gs, needed);
        new Context(TypesOnly.INSTANCE, false, null).run(() -> op.vjp(probe));
        return new Reads(
                xs.stream().map(x -> probe.reads(x)).toList(),
                ys.stream().map(y -> probe.reads(y)).toList());
    }

    private boolean reads(Tensor tensor) {
        boolean handedOn = given.stream().anyMatch(g -> g.isPresent() && g.get() == tensor);
        return handedOn || (tensor.value() instanceof TypesOnly.Unknown u && u.read());
    }

    /// A stand-in for an input or output that a rule does not read.
    public static Tensor typeOnly(TensorType type) {
        return TypesOnly.unknown(type);
    }
}
