package org.gemel;

import java.util.ServiceLoader;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What an operation on this thread runs in: the interpreter, whether gradients are recorded, and
/// the scope that owns temporaries. One value, so that dispatch looks up one thing.
///
/// @param interpreter what gives operations their meaning
/// @param recording whether operations on tensors that need gradients are recorded on the tape
/// @param scope who owns the handles made here, or null if the user does
public record Context(Interpreter interpreter, boolean recording, @Nullable Scope scope) {
    private static final ScopedValue<Context> CURRENT = ScopedValue.newInstance();

    /// The context of this thread now.
    public static Context current() {
        return CURRENT.orElse(Default.CONTEXT);
    }

    /// This context with another interpreter and no scope.
    public Context with(Interpreter other) {
        return new Context(other, recording, null);
    }

    /// This context with recording switched on or off.
    public Context recording(boolean on) {
        return on == recording ? this : new Context(interpreter, on, scope);
    }

    /// This context with temporaries owned by `owner`.
    public Context with(Scope owner) {
        return new Context(interpreter, recording, owner);
    }

    /// Runs `body` in this context.
    public <T> T call(Supplier<T> body) {
        return ScopedValue.where(CURRENT, this).call(body::get);
    }

    /// Runs `body` in this context.
    public void run(Runnable body) {
        ScopedValue.where(CURRENT, this).run(body);
    }

    // Loaded on first use: the engine that the class path or module path offers.
    private static final class Default {
        static final Context CONTEXT =
                new Context(
                        ServiceLoader.load(Interpreter.class, Interpreter.class.getClassLoader())
                                .findFirst()
                                .orElseGet(NoEngine::new),
                        true,
                        null);
    }
}
