package org.gemel;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/// Owns the tensors that library code makes along the way and gives them back at once when it is
/// done, all but the ones it returns.
///
/// For code that knows that nobody else can hold its temporaries: layers, optimizers, derivative
/// rules. Never around a call back into user code, who may keep what he sees.
public final class Scope {
    private final List<Tensor> owned = new ArrayList<>();

    /// Opens a scope that its maker closes with [#release].
    Scope() {}

    /// Runs `body` and gives back every tensor made in it but the result.
    ///
    /// The result's gradient node keeps what it needs by holds of its own.
    public static Tensor keeping(Supplier<Tensor> body) {
        return keepingAll(() -> List.of(body.get())).getFirst();
    }

    /// As [#keeping] for several results.
    public static List<Tensor> keepingAll(Supplier<List<Tensor>> body) {
        Context outer = Context.current();
        Scope scope = new Scope();
        List<Tensor> results;
        try {
            results = outer.with(scope).call(body);
        } catch (RuntimeException | Error failure) {
            scope.release();
            throw failure;
        }
        results.forEach(scope::forget);
        scope.release();
        if (outer.scope() != null) {
            results.forEach(outer.scope()::add);
        }
        return results;
    }

    /// Runs `body`, which keeps nothing, and gives back every tensor made in it.
    public static void discarding(Runnable body) {
        Scope scope = new Scope();
        try {
            Context.current().with(scope).run(body);
        } finally {
            scope.release();
        }
    }

    void add(Tensor tensor) {
        owned.add(tensor);
    }

    void forget(Tensor tensor) {
        for (int i = owned.size() - 1; i >= 0; i--) {
            if (owned.get(i) == tensor) {
                owned.remove(i);
                return;
            }
        }
    }

    void release() {
        for (Tensor tensor : owned) {
            tensor.dispose();
        }
        owned.clear();
    }
}
