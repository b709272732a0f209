package org.gemel.tracer;

import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import org.gemel.Tensor;
import org.gemel.TypeException;
import org.gemel.backend.View;
import org.jspecify.annotations.Nullable;

/// The memory that one call of a branching trace works with, by register. It holds what segments
/// have handed on, and copies of what was not row-major, until nobody needs them.
final class Registers {
    private final @Nullable View[] views;
    private final BitSet own = new BitSet();
    private final List<Tensor> tensors = new ArrayList<>();

    Registers(int count) {
        views = new View[count];
    }

    /// Puts in what a tensor holds, row-major.
    void load(int register, Tensor tensor, String function) {
        View view = contiguous(tensor, function);
        views[register] = view;
        own.set(register, view != tensor.value());
        tensors.add(tensor);
    }

    /// Puts in a result, taking over its hold.
    void put(int register, View view) {
        views[register] = view;
        own.set(register);
    }

    /// Whether a register holds memory that is nobody else's.
    boolean isOwn(int register) {
        return own.get(register);
    }

    View get(int register) {
        return Objects.requireNonNull(views[register]);
    }

    View[] get(int[] registers) {
        View[] all = new View[registers.length];
        for (int i = 0; i < all.length; i++) {
            all[i] = get(registers[i]);
        }
        return all;
    }

    /// Whether a register holds nobody else's memory than the tensor's that was loaded, and that is
    /// held once.
    boolean exclusive(int register) {
        return !own.get(register) && get(register).storage().exclusive();
    }

    /// Gives back all that is not in `needed`.
    void keep(BitSet needed) {
        for (int i = own.nextSetBit(0); i >= 0; i = own.nextSetBit(i + 1)) {
            if (!needed.get(i)) {
                get(i).release();
                own.clear(i);
            }
        }
    }

    /// Gives everything back.
    void release() {
        keep(new BitSet());
        Reference.reachabilityFence(tensors);
    }

    /// The memory of `tensor`, copied if it is not row-major: executables read no other.
    static View contiguous(Tensor tensor, String function) {
        if (!(tensor.value() instanceof View view)) {
            throw new TypeException(
                    "%s: expects tensors with values, but got one that stands for a value in a"
                                    .formatted(function)
                            + " traced function (%s); return it from the traced function, do not"
                                    .formatted(tensor.type())
                            + " keep it");
        }
        if (view.isContiguous()) {
            return view;
        }
        View copy = View.allocate(view.type());
        view.copyTo(MemorySegment.ofAddress(copy.address()).reinterpret(view.type().bytes()));
        return copy;
    }
}
