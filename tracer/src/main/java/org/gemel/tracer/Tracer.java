package org.gemel.tracer;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import org.gemel.GemelException;
import org.gemel.SourceLine;
import org.gemel.Tensor;
import org.jspecify.annotations.Nullable;

/// Makes traced functions of functions: what [Traced] is for methods. Needs no agent.
///
/// Each new signature is recorded once as a graph and compiled; see [Traced].
public final class Tracer {
    private Tracer() {}

    /// A traced function of one tensor.
    public static TracedFunction.One trace(UnaryOperator<Tensor> function) {
        return new TracedFunction.One(cache(function, all -> function.apply(tensor(all[0]))));
    }

    /// A traced function of two tensors.
    public static TracedFunction.Two trace(BinaryOperator<Tensor> function) {
        return new TracedFunction.Two(
                cache(function, all -> function.apply(tensor(all[0]), tensor(all[1]))));
    }

    /// A traced function of three tensors.
    public static TracedFunction.Three trace(TracedFunction.OfThree function) {
        return new TracedFunction.Three(
                cache(
                        function,
                        all -> function.apply(tensor(all[0]), tensor(all[1]), tensor(all[2]))));
    }

    /// A traced function from tensors to tensors.
    public static TracedFunction.Many traceAll(UnaryOperator<List<Tensor>> function) {
        return new TracedFunction.Many(
                cache(function, all -> function.apply(TracedFunction.tensors(all[0]))));
    }

    /// What was traced of calls of a [Traced] method on `object`: for which arguments, what it took
    /// from outside, why it was traced again, what a call costs.
    ///
    /// @param object the object, or the class of a static method
    /// @param method the name of the method
    /// @throws GemelException if there is no such method, or its class was not woven
    public static String explain(Object object, String method) {
        boolean ofStatic = object instanceof Class<?>;
        Class<?> type = object instanceof Class<?> c ? c : object.getClass();
        List<String> reports = new ArrayList<>();
        boolean known = false;
        for (Class<?> at = type; at != null; at = at.getSuperclass()) {
            UnwovenCheck.requireWoven(at);
            known |= TracedMethods.declares(at, method);
            for (TraceCache cache : TracedMethods.caches(at, method)) {
                reports.add(ofStatic ? cache.explain() : cache.explain(object));
            }
        }
        if (!known) {
            throw new GemelException(
                    "explain: expects the name of a @Traced method, but %s has none called %s; check"
                                    .formatted(type.getSimpleName(), method)
                            + " the spelling");
        }
        return reports.isEmpty()
                ? "%s.%s: not called yet".formatted(type.getSimpleName(), method)
                : String.join("\n", reports);
    }

    private static Tensor tensor(@Nullable Object argument) {
        return (Tensor) Objects.requireNonNull(argument);
    }

    private static TraceCache cache(Object function, Body body) {
        String name =
                SourceLine.current()
                        .map(line -> "function(" + line.file() + ":" + line.line() + ")")
                        .orElse("function");
        return new TraceCache(
                name,
                body,
                new JavaState.Origin(
                        Optional.empty(), author(function.getClass()), Optional.empty()),
                Optional.of(function));
    }

    // The class in which a lambda is written, whose static fields it may read.
    static Class<?> author(Class<?> function) {
        int mark = function.getName().indexOf("$$Lambda");
        if (!function.isHidden() || mark < 0) {
            return function;
        }
        try {
            String name = function.getName().substring(0, mark);
            return Class.forName(name, false, function.getClassLoader());
        } catch (ClassNotFoundException hiddenToo) {
            return function.getNestHost();
        }
    }
}
