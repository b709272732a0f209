package org.gemel.tracer;

import java.lang.invoke.CallSite;
import java.lang.invoke.ConstantCallSite;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.gemel.SourceLine;
import org.jspecify.annotations.Nullable;

/// Links woven methods. Public because woven classes call it.
public final class TracedMethods {
    private static final ClassValue<Boolean> WOVEN =
            new ClassValue<>() {
                @Override
                protected Boolean computeValue(Class<?> type) {
                    for (Method method : type.getDeclaredMethods()) {
                        if (method.isSynthetic()
                                && method.getName().endsWith(SourceLine.WOVEN_SUFFIX)) {
                            return true;
                        }
                    }
                    return false;
                }
            };

    private static final ClassValue<List<Linked>> LINKED =
            new ClassValue<>() {
                @Override
                protected List<Linked> computeValue(Class<?> type) {
                    return new CopyOnWriteArrayList<>();
                }
            };

    private record Linked(String method, TraceCache cache) {}

    private TracedMethods() {}

    /// Whether `type` declares a [Traced] method called `name`.
    static boolean declares(Class<?> type, String name) {
        if (type.getClassLoader() == null) {
            return false;
        }
        for (Method method : type.getDeclaredMethods()) {
            if (method.getName().equals(name) && method.isAnnotationPresent(Traced.class)) {
                return true;
            }
        }
        return false;
    }

    /// The traces of the methods called `name` that `type` declares; none if they were not called
    /// yet.
    static List<TraceCache> caches(Class<?> type, String name) {
        return LINKED.get(type).stream()
                .filter(linked -> linked.method.equals(name))
                .map(Linked::cache)
                .toList();
    }

    /// Whether the methods of `type` that are marked [Traced] were woven.
    public static boolean isWoven(Class<?> type) {
        return WOVEN.get(type);
    }

    /// Links the call in a woven method: to its body, where that is to run as it is, or to the
    /// method's traces.
    ///
    /// @param caller the woven class
    /// @param name the method
    /// @param type its type, the receiver first
    /// @param implementation its body
    public static CallSite bootstrap(
            MethodHandles.Lookup caller, String name, MethodType type, MethodHandle implementation)
            throws NoSuchMethodException, IllegalAccessException {
        MethodHandle body = implementation.asType(type);
        MethodHandle spread =
                body.asSpreader(Object[].class, type.parameterCount())
                        .asType(MethodType.methodType(Object.class, Object[].class));
        TraceCache cache =
                new TraceCache(
                        caller.lookupClass().getSimpleName() + "." + name,
                        arguments -> invoke(spread, arguments),
                        new JavaState.Origin(
                                Optional.of(caller), caller.lookupClass(), Optional.of(name)));
        LINKED.get(caller.lookupClass()).add(new Linked(name, cache));
        MethodHandles.Lookup own = MethodHandles.lookup();
        MethodHandle traced =
                own.bind(cache, "run", MethodType.methodType(Object.class, Object[].class))
                        .asCollector(Object[].class, type.parameterCount())
                        .asType(type);
        MethodHandle asItIs =
                own.findStatic(TraceCache.class, "runsBody", MethodType.methodType(boolean.class));
        // Arguments reach an eager body without being put into an array.
        return new ConstantCallSite(MethodHandles.guardWithTest(asItIs, body, traced));
    }

    private static @Nullable Object invoke(MethodHandle body, @Nullable Object[] arguments) {
        try {
            return (Object) body.invokeExact(arguments);
        } catch (Throwable thrown) {
            throw TracedMethods.<RuntimeException>unchecked(thrown);
        }
    }

    // A method may declare exceptions; they reach its caller as they are.
    @SuppressWarnings("unchecked")
    private static <E extends Throwable> E unchecked(Throwable thrown) throws E {
        throw (E) thrown;
    }
}
