package org.gemel;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// A place in the user's program.
///
/// @param method the simple class name and method, as in `Training.step`
/// @param file the source file, as in `Training.java`
/// @param line the line number, from 1
public record SourceLine(String method, String file, int line) {
    /// What weaving appends to the name of a method whose body it moved.
    public static final String WOVEN_SUFFIX = "$eager";

    private static final StackWalker WALKER =
            StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);

    // Frames of these packages are ours, unless they belong to a test that lives beside the code.
    private static final Set<String> LIBRARY =
            Set.of(
                    "org.gemel",
                    "org.gemel.op",
                    "org.gemel.ir",
                    "org.gemel.nn",
                    "org.gemel.optim",
                    "org.gemel.data",
                    "org.gemel.eager",
                    "org.gemel.tracer",
                    "org.gemel.compiler",
                    "org.gemel.backend",
                    "org.gemel.backend.ffm",
                    "org.gemel.backend.vector");

    // What a user calls operations of besides tensors, layers and losses.
    private static final Set<Class<?>> OPERATIONS = Set.of(Linalg.class, Special.class, Key.class);

    /// The innermost line on this thread's stack that is not Gemel's own, if there is one.
    public static Optional<SourceLine> current() {
        return WALKER.walk(frames ->
                frames.filter(frame -> isUser(frame.getDeclaringClass()))
                        .findFirst()
                        .map(SourceLine::of));
    }

    /// The operation that the innermost line of [#current] calls, as in `mish`: the method, or the
    /// class of a method that only applies it.
    public static Optional<String> called() {
        return WALKER.walk(frames ->
                frames.takeWhile(frame -> !isUser(frame.getDeclaringClass()))
                        .filter(SourceLine::isOperation)
                        .reduce((_, outer) -> outer)
                        .map(SourceLine::operation));
    }

    private static boolean isOperation(StackWalker.StackFrame frame) {
        Class<?> type = frame.getDeclaringClass();
        // `Tensor.apply` names its operation itself
        return type == Tensor.class
                ? !frame.getMethodName().equals("apply")
                : OPERATIONS.contains(type) || type.getPackageName().equals("org.gemel.nn");
    }

    private static String operation(StackWalker.StackFrame frame) {
        String method = frame.getMethodName();
        if (!method.equals("apply")) {
            return method;
        }
        String type = frame.getDeclaringClass().getSimpleName();
        return type.substring(0, 1).toLowerCase(Locale.ROOT) + type.substring(1);
    }

    /// Whether `type` is the user's code rather than Gemel's or the JDK's.
    public static boolean isUser(Class<?> type) {
        String name = type.getPackageName();
        if (name.startsWith("java.") || name.startsWith("jdk.")) {
            return false;
        }
        return !LIBRARY.contains(name) || type.getName().contains("Test");
    }

    private static SourceLine of(StackWalker.StackFrame frame) {
        String type = frame.getDeclaringClass().getSimpleName();
        String method = frame.getMethodName();
        if (method.endsWith(WOVEN_SUFFIX)) {
            method = method.substring(0, method.length() - WOVEN_SUFFIX.length());
        }
        String file = Optional.ofNullable(frame.getFileName()).orElse(type + ".java");
        return new SourceLine(type + "." + method, file, frame.getLineNumber());
    }

    /// As in `Training.step(Training.java:7)`.
    @Override
    public String toString() {
        return method + "(" + file + ":" + line + ")";
    }
}
