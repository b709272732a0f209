package org.gemel.tracer;

import java.io.InputStream;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.ref.WeakReference;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.Buffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Calendar;
import java.util.Collection;
import java.util.Collections;
import java.util.Date;
import java.util.Deque;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;
import java.util.random.RandomGenerator;
import org.gemel.GemelException;
import org.gemel.SourceLine;
import org.gemel.Tensor;
import org.gemel.backend.View;
import org.jspecify.annotations.Nullable;

/// What a function can see of the Java heap and that can change: the assignable fields of the
/// objects it reaches and the content of their collections and arrays.
///
/// Only fields that the function's code can touch count ([CodeReads]), its static fields included.
/// Tensors, parameters and states are the trace's own business. What cannot be compared is refused:
/// primitive arrays of more than [#LARGEST_ARRAY] elements, and the JDK's own objects with a state
/// of which nothing is known, such as a random generator.
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
    /// @param method the name of the method that is the function, or nothing if that is not known
    record Origin(Optional<MethodHandles.Lookup> access, Class<?> owner, Optional<String> method) {}

    private final Origin origin;
    private final CodeReads code;
    private final List<Guard> guards = new ArrayList<>();

    /// What was found, and in which field.
    private final Map<Object, String> seen = new IdentityHashMap<>();

    private final Set<Class<?>> classes = new HashSet<>();
    private final Deque<Object> open = new ArrayDeque<>();

    private JavaState(Origin origin, CodeReads code) {
        this.origin = origin;
        this.code = code;
    }

    /// The guards of what can be reached from `roots`.
    static List<Guard> reachable(Origin origin, List<Object> roots) {
        CodeReads code = new CodeReads(origin.owner(), JavaState::isWatched);
        code.call(
                origin.owner(),
                name -> origin.method().isEmpty() || origin.method().get().equals(name));
        // Objects bring code with them, which may touch fields that were passed over.
        while (true) {
            int before = code.size();
            JavaState state = new JavaState(origin, code);
            state.visitStatics();
            roots.forEach(root -> state.visit(root, "an argument"));
            while (!state.open.isEmpty()) {
                state.expand(state.open.pop());
            }
            if (code.size() == before) {
                return state.guards;
            }
        }
    }

    private void visit(@Nullable Object value, String where) {
        if (value != null && !JavaValues.isValue(value) && seen.putIfAbsent(value, where) == null) {
            open.push(value);
        }
    }

    private void expand(Object object) {
        switch (object) {
            case TracedFunction function -> visit(function.cache().function(), where(object));
            case Collection<?> _, Map<?, ?> _, Object[] _, Optional<?> _ -> visitElements(object);
            case AtomicBoolean _, AtomicInteger _, AtomicLong _, AtomicReference<?> _ ->
                    visitElements(object);
            default -> {
                Class<?> type = object.getClass();
                if (type.isArray()) {
                    if (Array.getLength(object) > LARGEST_ARRAY) {
                        throw refused(object, "an array of more than %,d".formatted(LARGEST_ARRAY));
                    }
                    add(new Guard.Elements(weak(object), List.of(), JavaValues.copy(object)));
                } else if (isHiddenState(object)) {
                    throw refused(object, "a " + type.getSimpleName());
                } else if (isWatched(type)) {
                    code.add(type);
                    visitFields(object);
                }
            }
        }
    }

    // Objects of the JDK whose state decides what comes next, and cannot be compared.
    private static boolean isHiddenState(Object object) {
        return switch (object) {
            case RandomGenerator _,
                    StringBuilder _,
                    StringBuffer _,
                    BitSet _,
                    Buffer _,
                    Calendar _,
                    Date _,
                    DoubleAdder _,
                    LongAdder _,
                    Iterator<?> _,
                    InputStream _,
                    Readable _ ->
                    true;
            default -> false;
        };
    }

    private String where(Object object) {
        return seen.getOrDefault(object, "an argument");
    }

    private GemelException refused(Object object, String what) {
        return new GemelException(
                "traced: expects Java state that can be compared from call to call, but %s is %s;"
                                .formatted(where(object), what)
                        + " make it a tensor, a State or a Key, or pass what is needed of it as an"
                        + " argument");
    }

    private static WeakReference<Object> weak(Object object) {
        return new WeakReference<>(object);
    }

    private void visitElements(Object container) {
        List<Guard.Memory> memories = new ArrayList<>();
        for (Object element : elements(container)) {
            memories.add(Guard.Memory.of(element));
            visit(element, "an element of " + where(container));
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
            if (code.isOpaque()) {
                visitStatics(c);
            }
            for (Field field : c.getDeclaredFields()) {
                if (!Modifier.isStatic(field.getModifiers())) {
                    visitField(field, object);
                }
            }
        }
    }

    private void visitStatics() {
        if (code.isOpaque()) {
            visitStatics(origin.owner());
        }
        for (ClassCode.StaticField read : Set.copyOf(code.statics())) {
            code.type(read.owner())
                    .filter(JavaState::isWatched)
                    .ifPresent(type -> {
                        for (Field field : type.getDeclaredFields()) {
                            if (field.getName().equals(read.name())
                                    && Modifier.isStatic(field.getModifiers())
                                    && !field.isSynthetic()) {
                                visitField(field, type);
                            }
                        }
                    });
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
        if ((fixed && field.getType().isPrimitive())
                || !code.mayTouch(field.getDeclaringClass(), field.getName())) {
            return;
        }
        try {
            String where = field.getDeclaringClass().getSimpleName() + "." + field.getName();
            if (fixed && field.trySetAccessible()) {
                // read once: a method handle costs more than it saves
                visit(field.get(owner), "field " + where);
                return;
            }
            MethodHandles.Lookup lookup = access(field);
            MethodHandle getter = getter(lookup, field);
            Object value = (Object) getter.invokeExact(owner);
            visit(value, "field " + where);
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
