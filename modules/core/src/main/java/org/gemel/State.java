package org.gemel;

/// A tensor that a program changes and that has no gradient: an optimizer's moments, a step count,
/// running statistics.
public final class State {
    private final TensorType type;
    private final Slot value;

    /// A state that starts as `initial`.
    public State(String name, Tensor initial) {
        this.type = initial.type();
        this.value = new Slot(name);
        value.write(initial);
    }

    /// Element type and shape.
    public TensorType type() {
        return type;
    }

    /// The value now.
    public Tensor value() {
        return value.read().orElseThrow().owned(null);
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
