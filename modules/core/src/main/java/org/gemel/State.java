package org.gemel;

import java.util.Optional;

/// A tensor that a program changes and that has no gradient: an optimizer's moments, a step count,
/// running statistics.
public final class State {
    private final TensorType type;
    private final Slot value;

    /// A state that starts as `initial`.
    public State(String name, Tensor initial) {
        this(name, initial.type());
        value.write(initial);
    }

    private State(String name, TensorType type) {
        this.type = type;
        this.value = new Slot(name);
    }

    /// A state without a value until it is assigned.
    public static State empty(String name, TensorType type) {
        return new State(name, type);
    }

    /// Element type and shape.
    public TensorType type() {
        return type;
    }

    /// The value now.
    public Tensor value() {
        return content()
                .orElseThrow(() ->
                        new TypeException(
                                "state %s: expects a value before it is read, but has none; assign one"
                                        .formatted(value.name())));
    }

    /// The value now, or nothing if there is none. In a traced function, having one or not is part
    /// of what a trace is valid for.
    public Optional<Tensor> content() {
        return value.read().map(tensor -> tensor.owned(null));
    }

    /// Takes the value away.
    public void clear() {
        value.clear();
    }

    /// Replaces the value; the type stays.
    public void assign(Tensor next) {
        if (!next.type().equals(type)) {
            throw new TypeException(
                    "state %s: expects a value of type %s, but got %s; reshape or convert it"
                            .formatted(value.name(), type, next.type()));
        }
        value.write(next);
    }

    @Override
    public String toString() {
        return "state " + value.name() + " " + type;
    }
}
