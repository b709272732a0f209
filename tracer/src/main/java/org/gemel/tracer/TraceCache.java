package org.gemel.tracer;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.gemel.Context;
import org.gemel.Interpreter;
import org.jspecify.annotations.Nullable;

/// The traces of one function, by what they are valid for; the least recently used go first.
final class TraceCache {
    /// How many traces are kept.
    static final int MOST = 64;

    /// How many retraces are too many to be meant.
    static final int STORM = 8;

    private static final Optional<? extends Class<?>> ENGINE =
            ServiceLoader.load(Interpreter.class, Interpreter.class.getClassLoader()).stream()
                    .findFirst()
                    .map(ServiceLoader.Provider::type);

    private static final VarHandle CALLS;

    static {
        try {
            CALLS = MethodHandles.lookup().findVarHandle(TraceCache.class, "calls", long.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private final String name;
    private final Body body;
    private final JavaState.Origin origin;
    private final Optional<Object> function;
    private final ReentrantLock lock = new ReentrantLock();
    private final List<Trace> traces = new ArrayList<>();
    private final List<String> reasons = new ArrayList<>();
    private int made;

    // through the handle
    @SuppressWarnings("FieldMayBeFinal")
    private long calls;

    private volatile @Nullable Trace latest;

    /// The cache of a method.
    TraceCache(String name, Body body, JavaState.Origin origin) {
        this(name, body, origin, Optional.empty());
    }

    /// The cache of a function.
    ///
    /// @param function the object whose captured variables the body can see
    TraceCache(String name, Body body, JavaState.Origin origin, Optional<Object> function) {
        this.name = name;
        this.body = body;
        this.origin = origin;
        this.function = function;
    }

    /// What the function is called in messages.
    String name() {
        return name;
    }

    /// The function itself, for those who look at what it captured.
    @Nullable Object function() {
        return function.orElse(null);
    }

    /// Whether traced functions run as ordinary Java here: asked for, or because an outer one is
    /// being recorded.
    static boolean runsBody() {
        return Mode.current() == Mode.EAGER
                || ENGINE.isEmpty()
                || Context.current().interpreter().getClass() != ENGINE.get();
    }

    /// A call.
    @Nullable Object call(@Nullable Object[] arguments) {
        return runsBody() ? body.call(arguments) : run(arguments);
    }

    /// A call where [#runsBody] is known to be false.
    @Nullable Object run(@Nullable Object[] arguments) {
        Mode mode = Mode.current();
        boolean recording = Context.current().recording();
        Trace trace = latest;
        if (trace == null || !trace.matches(mode, recording, arguments)) {
            trace = find(mode, recording, arguments);
            latest = trace;
        }
        count();
        return trace.run(arguments);
    }

    // Lost counts do not matter, a locked instruction per call would.
    private void count() {
        CALLS.setOpaque(this, (long) CALLS.getOpaque(this) + 1);
    }

    private Trace find(Mode mode, boolean recording, @Nullable Object[] arguments) {
        lock.lock();
        try {
            for (int i = traces.size() - 1; i >= 0; i--) {
                Trace trace = traces.get(i);
                if (trace.matches(mode, recording, arguments)) {
                    traces.remove(i);
                    traces.add(trace);
                    return trace;
                }
            }
            if (!traces.isEmpty()) {
                retraced(traces.getLast().mismatch(mode, recording, arguments));
            }
        } finally {
            lock.unlock();
        }
        Subject subject = new Subject(name, body, origin, function.stream().toList());
        Trace trace = Tracing.trace(subject, mode, recording, arguments);
        lock.lock();
        try {
            traces.removeIf(Trace::isDead);
            if (traces.size() >= MOST) {
                traces.removeFirst();
            }
            traces.add(trace);
            made++;
        } finally {
            lock.unlock();
        }
        return trace;
    }

    private void retraced(String reason) {
        if (reasons.size() < STORM) {
            reasons.add(reason);
            if (reasons.size() == STORM) {
                System.getLogger("org.gemel.tracer")
                        .log(
                                System.Logger.Level.WARNING,
                                "{0} was traced {1} times, which costs more than it saves; last"
                                        + " because of {2}",
                                name,
                                made + 1,
                                reason);
            }
        }
    }

    /// How many traces were made so far.
    int made() {
        lock.lock();
        try {
            return made;
        } finally {
            lock.unlock();
        }
    }

    /// What a call does that is like the latest new one, kernel by kernel.
    String listing() {
        lock.lock();
        try {
            return traces.isEmpty() ? name + ": not traced yet" : traces.getLast().listing();
        } finally {
            lock.unlock();
        }
    }

    /// What was traced and why, in a few lines.
    String explain() {
        return explain(_ -> true);
    }

    /// What was traced of the calls on `receiver`, and why, in a few lines.
    String explain(Object receiver) {
        return explain(trace -> trace.isFor(receiver));
    }

    private String explain(Predicate<Trace> shown) {
        lock.lock();
        try {
            List<Trace> chosen = traces.stream().filter(shown).toList();
            int kernels = chosen.isEmpty() ? 0 : chosen.getLast().kernels();
            List<String> lines = new ArrayList<>();
            lines.add(
                    "%s: %d %s, %d kernels, %,d calls"
                            .formatted(name, made, made == 1 ? "trace" : "traces", kernels, calls));
            chosen.forEach(trace -> lines.add(trace.describe()));
            reasons.forEach(reason -> lines.add("  retraced     because of " + reason));
            return String.join("\n", lines);
        } finally {
            lock.unlock();
        }
    }
}
