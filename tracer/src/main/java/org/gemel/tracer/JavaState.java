package org.gemel.tracer;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.ref.WeakReference;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.gemel.GemelException;
import org.gemel.SourceLine;
import org.gemel.Tensor;
import org.gemel.backend.View;
import org.jspecify.annotations.Nullable;

/// What a function can see of the Java heap and that can change: the assignable fields of the
/// objects it reaches and the content of their collections and arrays.
///
/// Tensors, parameters and states are the trace's own business, and other libraries' objects in the
/// JDK have none we could know. Primitive arrays of more than [#LARGEST_ARRAY] elements are data:
/// they are not watched.
final class JavaState {
    /// The longest primitive array that is watched.
    static final int LARGEST_ARRAY = 1 << 14;

    private static final int MOST_GUARDS = 10_000;
    private static final Set<String> LIBRARY =
            Set.of("org.gemel.nn", "org.gemel.optim", "org.gemel.data");

    /// Who asks.
    ///
    /// @param access to the caller's own classes, even in a module that is closed to us
    /// @param owner the class in which the function is written
    record Origin(Optional<MethodHandles.Lookup> access, Class<?> owner) {}

    private final Origin origin;
    private final List<Guard> guards = new ArrayList<>();
    private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Set<Class<?>> classes = new HashSet<>();
    private final Deque<Object> open = new ArrayDeque<>();

    private JavaState(Origin origin) {
        this.origin = origin;
    }

    /// The guards of what can be reached from `roots`.
    static List<Guard> reachable(Origin origin, List<Object> roots) {
        JavaState state = new JavaState(origin);
        state.visitStatics(origin.owner());
        roots.forEach(state::visit);
        while (!state.open.isEmpty()) {
            state.expand(state.open.pop());
        }
        return state.guards;
    }

    private void visit(@Nullable Object value) {
        if (value != null && !JavaValues.isValue(value) && seen.add(value)) {
            open.push(value);
        }
    }

    private void expand(Object object) {
        switch (object) {
            case TracedFunction function -> visit(function.cache().function());
            case Collection<?> _, Map<?, ?> _, Object[] _, Optional<?> _ -> visitElements(object);
            case AtomicBoolean _, AtomicInteger _, AtomicLong _, AtomicReference<?> _ ->
                    visitElements(object);
            default -> {
                Class<?> type = object.getClass();
                if (type.isArray()) {
                    if (Array.getLength(object) <= LARGEST_ARRAY) {
                        add(new Guard.Elements(weak(object), List.of(), JavaValues.copy(object)));
                    }
                } else if (isWatched(type)) {
                    visitFields(object);
                }
            }
        }
    }

    private static WeakReference<Object> weak(Object object) {
        return new WeakReference<>(object);
    }

    private void visitElements(Object container) {
        List<Guard.Memory> memories = new ArrayList<>();
        for (Object element : elements(container)) {
            memories.add(Guard.Memory.of(element));
            visit(element);
        }
        boolean fixed =
                container instanceof Optional
                        || container.getClass().getName().startsWith("java.util.ImmutableColl");
        if (!fixed) {
            add(new Guard.Elements(weak(container), List.copyOf(memories), null));
        }
    }

    /// What a container holds.
    static Iterable<?> elements(Object container) {
        return switch (container) {
            case Collection<?> collection -> collection;
            case Map<?, ?> map -> {
                List<@Nullable Object> all = new ArrayList<>();
                map.forEach((key, value) -> {
                    all.add(key);
                    all.add(value);
                });
                yield all;
            }
            case Object[] array -> Arrays.asList(array);
            case Optional<?> optional -> optional.stream().toList();
            case AtomicBoolean atomic -> List.of(atomic.get());
            case AtomicInteger atomic -> List.of(atomic.get());
            case AtomicLong atomic -> List.of(atomic.get());
            case AtomicReference<?> atomic -> Collections.singletonList(atomic.get());
            default -> List.of();
        };
    }

    private static boolean isWatched(Class<?> type) {
        return !type.getName().startsWith("javax.")
                && !type.getName().startsWith("sun.")
                && (SourceLine.isUser(type) || LIBRARY.contains(type.getPackageName()));
    }

    private void visitFields(Object object) {
        for (@Nullable Class<?> c = object.getClass();
                c != null && isWatched(c);
                c = c.getSuperclass()) {
            visitStatics(c);
            for (Field field : c.getDeclaredFields()) {
                if (!Modifier.isStatic(field.getModifiers())) {
                    visitField(field, object);
                }
            }
        }
    }

    private void visitStatics(Class<?> type) {
        if (!classes.add(type) || !isWatched(type) || type.isHidden()) {
            return;
        }
        for (Field field : type.getDeclaredFields()) {
            if (Modifier.isStatic(field.getModifiers()) && !field.isSynthetic()) {
                visitField(field, type);
            }
        }
    }

    private void visitField(Field field, Object owner) {
        boolean fixed = Modifier.isFinal(field.getModifiers());
        if (fixed && field.getType().isPrimitive()) {
            return;
        }
        try {
            MethodHandles.Lookup lookup = access(field);
            MethodHandle getter = getter(lookup, field);
            Object value = (Object) getter.invokeExact(owner);
            visit(value);
            if (!fixed) {
                MethodHandle setter = setter(lookup, field);
                Guard.Memory memory = Guard.Memory.of(value);
                add(new Guard.InField(field, weak(owner), getter, setter, memory));
            }
        } catch (IllegalAccessException closed) {
            Class<?> type = field.getDeclaringClass();
            throw new GemelException(
                    "traced: expects to see the state of %s, but its Java module %s keeps package"
                                    .formatted(type.getName(), type.getModule().getName())
                            + " %s closed; add `opens %s to org.gemel.tracer;` to its module-info"
                                    .formatted(type.getPackageName(), type.getPackageName()),
                    closed);
        } catch (RuntimeException | Error thrown) {
            throw thrown;
        } catch (Throwable failure) {
            throw new GemelException("traced: cannot read " + field, failure);
        }
    }

    private MethodHandles.Lookup access(Field field) throws IllegalAccessException {
        if (field.trySetAccessible() || origin.access().isEmpty()) {
            return MethodHandles.lookup();
        }
        return MethodHandles.privateLookupIn(field.getDeclaringClass(), origin.access().get());
    }

    private static MethodHandle getter(MethodHandles.Lookup lookup, Field field)
            throws IllegalAccessException {
        MethodHandle getter = lookup.unreflectGetter(field);
        return (Modifier.isStatic(field.getModifiers())
                        ? MethodHandles.dropArguments(getter, 0, Object.class)
                        : getter)
                .asType(MethodType.methodType(Object.class, Object.class));
    }

    private static MethodHandle setter(MethodHandles.Lookup lookup, Field field)
            throws IllegalAccessException {
        MethodHandle setter = lookup.unreflectSetter(field);
        return (Modifier.isStatic(field.getModifiers())
                        ? MethodHandles.dropArguments(setter, 0, Object.class)
                        : setter)
                .asType(MethodType.methodType(void.class, Object.class, Object.class));
    }

    private void add(Guard guard) {
        if (guards.size() == MOST_GUARDS) {
            throw new GemelException(
                    "traced: expects at most %,d assignable fields and collections within reach of"
                                    .formatted(MOST_GUARDS)
                            + " %s, but there are more; make fields final, or keep large"
                                    .formatted(origin.owner().getSimpleName())
                            + " structures out of it");
        }
        guards.add(guard);
    }

    /// The guards that a trace needs, given the tensors from outside that it used: a tensor in a
    /// field that it did not use may be replaced by another.
    static List<Guard> needed(List<Guard> guards, Set<View> used) {
        return guards.stream().map(guard -> needed(guard, used)).toList();
    }

    private static Guard needed(Guard guard, Set<View> used) {
        if (guard instanceof Guard.InField field) {
            Tensor tensor = field.tensor();
            if (tensor != null && !(tensor.value() instanceof View view && used.contains(view))) {
                return new Guard.HoldsTensor(field);
            }
        }
        return guard;
    }
}
