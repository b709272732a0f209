package org.gemel;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One assignable place for a tensor: a parameter's value, a gradient, an optimizer's state.
///
/// Tensors never change; slots do. Reading and writing goes through the interpreter, so that a
/// traced function reads and assigns in program order and the compiler may update in place.
public final class Slot {
    private final String name;
    private @Nullable Tensor content;

    /// An empty slot.
    ///
    /// @param name for messages and printed graphs
    public Slot(String name) {
        this.name = name;
    }

    /// The name for messages and printed graphs.
    public String name() {
        return name;
    }

    /// A new handle on the content, or nothing.
    public Optional<Tensor> read() {
        return Context.current().interpreter().read(this);
    }

    /// Replaces the content by what `tensor` holds, without its gradient node.
    public void write(Tensor tensor) {
        Context.current().interpreter().write(this, Optional.of(tensor.alias(null)));
    }

    /// Empties the slot.
    public void clear() {
        Context.current().interpreter().write(this, Optional.empty());
    }

    /// For interpreters: what is stored, the slot's own handle.
    public Optional<Tensor> stored() {
        return Optional.ofNullable(content);
    }

    /// For interpreters: stores another handle; the former one's hold is given back.
    public void store(Optional<Tensor> next) {
        Tensor former = content;
        content = next.orElse(null);
        if (former != null && former != content) {
            former.dispose();
        }
    }

    @Override
    public String toString() {
        return name + (content == null ? " (empty)" : " " + content.type());
    }
}
