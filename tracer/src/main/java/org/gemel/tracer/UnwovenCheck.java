package org.gemel.tracer;

import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.gemel.GemelException;
import org.gemel.backend.CallSiteCheck;

/// Finds [Traced] methods that run eagerly because nobody wove their class.
public final class UnwovenCheck implements CallSiteCheck {
    private static final StackWalker WALKER =
            StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);

    private record Signature(String name, MethodType type) {}

    private static final ClassValue<Set<Signature>> UNWOVEN =
            new ClassValue<>() {
                @Override
                protected Set<Signature> computeValue(Class<?> type) {
                    return unwoven(type);
                }
            };

    private static final ClassValue<Field[]> CAPTURED =
            new ClassValue<>() {
                @Override
                protected Field[] computeValue(Class<?> type) {
                    return Arrays.stream(type.getDeclaredFields())
                            .filter(field -> !field.getType().isPrimitive())
                            .filter(Field::trySetAccessible)
                            .toArray(Field[]::new);
                }
            };

    /// Made by the service loader.
    public UnwovenCheck() {}

    /// @throws GemelException if a method on this thread's stack is marked but not woven, unless
    ///   [Mode#EAGER] asks for just that
    @Override
    public void check() {
        if (Mode.current() == Mode.EAGER) {
            return;
        }
        Optional<StackWalker.StackFrame> found =
                WALKER.walk(frames -> frames.filter(UnwovenCheck::isUnwoven).findFirst());
        if (found.isPresent()) {
            throw unwoven(found.get().getDeclaringClass(), found.get().getMethodName());
        }
    }

    private static GemelException unwoven(Class<?> type, String method) {
        return new GemelException(
                "traced: expects a woven class, but %s.%s is @Traced and its class was not;"
                                .formatted(type.getSimpleName(), method)
                        + " start java with -javaagent:gemel-tracer.jar, or wrap the call in"
                        + " Mode.EAGER.run(..)");
    }

    /// @throws GemelException if `type` has methods that are marked but not woven
    static void requireWoven(Class<?> type) {
        Set<Signature> methods = UNWOVEN.get(type);
        if (!methods.isEmpty()) {
            throw unwoven(type, methods.iterator().next().name());
        }
    }

    /// Looks at what `body`, which is about to be run traced, can call: its author's class and the
    /// objects it has captured.
    static void requireWovenIn(Object body) {
        requireWoven(Tracer.author(body.getClass()));
        for (Field field : CAPTURED.get(body.getClass())) {
            try {
                Object captured = field.get(body);
                if (captured != null) {
                    requireWoven(captured.getClass());
                }
            } catch (IllegalAccessException closed) {
                // The engine's own check still looks at the stack.
                return;
            }
        }
    }

    private static boolean isUnwoven(StackWalker.StackFrame frame) {
        Set<Signature> methods = UNWOVEN.get(frame.getDeclaringClass());
        return !methods.isEmpty()
                && methods.contains(new Signature(frame.getMethodName(), frame.getMethodType()));
    }

    private static Set<Signature> unwoven(Class<?> type) {
        if (type.getClassLoader() == null) {
            return Set.of();
        }
        Set<Signature> found = new HashSet<>();
        try {
            if (TracedMethods.isWoven(type)) {
                return Set.of();
            }
            for (Method method : type.getDeclaredMethods()) {
                if (method.isAnnotationPresent(Traced.class)) {
                    MethodType signature =
                            MethodType.methodType(
                                    method.getReturnType(), method.getParameterTypes());
                    found.add(new Signature(method.getName(), signature));
                }
            }
        } catch (LinkageError absent) {
            // Another library's class whose optional dependencies are missing; nobody can look at
            // its methods, and ours are never like that.
            return Set.of();
        }
        return Set.copyOf(found);
    }
}
