package org.gemel;

import org.jspecify.annotations.Nullable;

/// What woven code calls to give back the tensors of a method after their last use.
///
/// Beside each variable that holds a tensor, woven code keeps its owner: the same handle while the
/// method is the only one to have it, nothing otherwise.
public final class Temporary {
    private Temporary() {}

    /// The owner of what an operation on `a` gave: the result itself, or that of `a` if the
    /// operation gave its input.
    public static @Nullable Tensor owner(Tensor result, Tensor a, @Nullable Tensor ownerA) {
        return result == a ? ownerA : result;
    }

    /// As above for an operation on two tensors.
    public static @Nullable Tensor owner(
            Tensor result, Tensor a, @Nullable Tensor ownerA, Tensor b, @Nullable Tensor ownerB) {
        return result == a ? ownerA : result == b ? ownerB : result;
    }

    /// As above for an operation on three tensors.
    public static @Nullable Tensor owner(
            Tensor result,
            Tensor a,
            @Nullable Tensor ownerA,
            Tensor b,
            @Nullable Tensor ownerB,
            Tensor c,
            @Nullable Tensor ownerC) {
        return result == a ? ownerA : result == b ? ownerB : result == c ? ownerC : result;
    }

    /// The owner of an input once an operation has given `result`, which may be that input.
    public static @Nullable Tensor without(@Nullable Tensor owner, Tensor result) {
        return owner == result ? null : owner;
    }

    /// Tells the caller of a method whether its result is now his: only if it was the method's.
    public static void hand(@Nullable Tensor result, @Nullable Tensor owner) {
        if (result != null) {
            result.handed(owner == result);
        }
    }

    /// The owner of what a method has just returned that says so by [#hand].
    public static @Nullable Tensor claimed(@Nullable Tensor result) {
        return result != null && result.handed() ? result : null;
    }

    /// Gives a tensor back, if it is still owned.
    public static void release(@Nullable Tensor owner) {
        if (owner != null) {
            owner.dispose();
        }
    }
}
