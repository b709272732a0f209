package org.gemel.op;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.gemel.Context;
import org.gemel.Tensor;
import org.gemel.TensorType;

/// An operation that is a name and a body written in tensor calls.
///
/// Traced, the body is inlined and fusion sees through it. Eager, it is compiled once and cached,
/// so that a softmax costs one dispatch. Two composites are equal if name and attributes are: the
/// attributes must tell apart all bodies that differ.
public final class Composite implements Op {
    private final String label;
    private final List<?> attributes;
    private final UnaryOperator<List<Tensor>> body;
    private final Optional<Consumer<Pullback>> derivative;
    private final boolean differentiable;
    private final int hash;

    private Composite(
            String label,
            List<?> attributes,
            UnaryOperator<List<Tensor>> body,
            Optional<Consumer<Pullback>> derivative,
            boolean differentiable) {
        this.label = label;
        this.attributes = List.copyOf(attributes);
        this.body = body;
        this.derivative = derivative;
        this.differentiable = differentiable;
        this.hash = Objects.hash(label, this.attributes);
    }

    /// A composite whose derivative follows from its body.
    public static Composite of(String label, List<?> attributes, UnaryOperator<List<Tensor>> body) {
        return new Composite(label, attributes, body, Optional.empty(), true);
    }

    /// A composite with a derivative of its own, cheaper or stabler than the body's.
    public static Composite of(
            String label,
            List<?> attributes,
            UnaryOperator<List<Tensor>> body,
            Consumer<Pullback> derivative) {
        return new Composite(label, attributes, body, Optional.of(derivative), true);
    }

    /// A composite that gradients do not pass, such as an optimizer's update.
    public static Composite opaque(
            String label, List<?> attributes, UnaryOperator<List<Tensor>> body) {
        return new Composite(label, attributes, body, Optional.empty(), false);
    }

    @Override
    public String label() {
        return label;
    }

    /// Runs the body on `inputs`, operation by operation, under the current interpreter and without
    /// recording.
    public List<Tensor> expand(List<Tensor> inputs) {
        // Cut from the tape: a derivative inside the body adds up cotangents in the order of
        // depths, and those must not depend on where the inputs come from.
        List<Tensor> apart = inputs.stream().map(Tensor::detach).toList();
        return Context.current().recording(false).call(() -> body.apply(apart));
    }

    /// Whether it has a derivative of its own, rather than that of its body.
    public boolean hasDerivative() {
        return derivative.isPresent();
    }

    @Override
    public List<TensorType> infer(List<TensorType> inputs) {
        return TypesOnly.infer(this, inputs);
    }

    @Override
    public boolean differentiable() {
        return differentiable;
    }

    @Override
    public void vjp(Pullback p) {
        if (derivative.isPresent()) {
            derivative.get().accept(p);
        } else {
            p.differentiate(body);
        }
    }

    @Override
    public boolean equals(Object other) {
        return this == other
                || (other instanceof Composite c
                        && hash == c.hash
                        && label.equals(c.label)
                        && attributes.equals(c.attributes));
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public String toString() {
        return attributes.isEmpty() ? label : label + attributes;
    }
}
