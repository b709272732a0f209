package org.gemel;

import java.util.Optional;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/// A tensor that training changes: a place for a value, and one for its gradient.
public final class Parameter {
    private final String name;
    private final TensorType type;
    private final @Nullable BiFunction<TensorType, Key, Tensor> initializer;
    private final Slot value;
    private final Slot gradient;
    private final GradNode leaf;

    private Parameter(
            String name,
            TensorType type,
            @Nullable BiFunction<TensorType, Key, Tensor> initializer) {
        this.name = name;
        this.type = type;
        this.initializer = initializer;
        this.value = new Slot(name);
        this.gradient = new Slot(name + ".grad");
        this.leaf = GradNode.leaf(type, Optional.of(gradient));
    }

    /// A parameter that starts as `initial` (of a floating-point type).
    public Parameter(String name, Tensor initial) {
        this(name, initial.type(), null);
        value.write(initial);
    }

    /// A parameter without a value, until it is initialized or assigned.
    ///
    /// @param initializer makes the value from the type and a key
    public static Parameter uninitialized(
            String name, TensorType type, BiFunction<TensorType, Key, Tensor> initializer) {
        return new Parameter(name, type, initializer);
    }

    /// Gives the value that the initializer makes from `key`; nothing happens without one.
    public void initialize(Key key) {
        if (initializer != null) {
            assign(initializer.apply(type, key));
        }
    }

    /// The name for messages and printed graphs.
    public String name() {
        return name;
    }

    /// Element type and shape.
    public TensorType type() {
        return type;
    }

    /// The value now; operations on it are recorded.
    public Tensor value() {
        return value.read()
                .orElseThrow(() ->
                        new TypeException(
                                "parameter %s: expects a value before it is read, but has"
                                                .formatted(name)
                                        + " none; call init(model, key(seed)) first"))
                .owned(leaf);
    }

    /// Replaces the value; the type stays.
    public void assign(Tensor next) {
        check("value", next);
        value.write(next);
    }

    private void check(String what, Tensor next) {
        if (!next.type().equals(type)) {
            throw new TypeException(
                    "parameter %s: expects a %s of type %s, but got %s; reshape or convert it"
                            .formatted(name, what, type, next.type()));
        }
    }

    /// The gradient that `backward()` has accumulated.
    public Tensor grad() {
        return gradient()
                .orElseThrow(() ->
                        new TypeException(
                                "parameter %s: expects a gradient, but there is none; call"
                                                .formatted(name)
                                        + " loss.backward() first"));
    }

    /// The gradient that `backward()` has accumulated, if any.
    public Optional<Tensor> gradient() {
        return gradient.read().map(tensor -> tensor.owned(null));
    }

    /// Replaces the gradient, as clipping does.
    public void assignGrad(Tensor next) {
        check("gradient", next);
        gradient.write(next);
    }

    /// Forgets the gradient.
    public void zeroGrad() {
        gradient.clear();
    }

    @Override
    public String toString() {
        return "parameter " + name + " " + type;
    }
}
