package org.gemel.tracer;

import java.lang.ref.WeakReference;
import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import org.gemel.GemelException;
import org.gemel.Tensor;
import org.gemel.TensorType;
import org.jspecify.annotations.Nullable;

/// How one argument or a result is made up: where its tensors are, and all else by value. The
/// patterns of its arguments are the first part of a trace's key.
sealed interface Pattern {
    /// Whether `value` has this pattern.
    ///
    /// @param recording whether tensors that need gradients are told from others
    boolean matches(@Nullable Object value, boolean recording);

    /// The number of tensors.
    int size();

    /// Puts the tensors of a value of this pattern into `into`, from `at` on; returns where the
    /// next one goes.
    int collect(@Nullable Object value, Tensor[] into, int at);

    /// The value with other tensors in it.
    @Nullable Object build(Iterator<Tensor> tensors);

    /// A tensor.
    ///
    /// @param grad whether it is recorded for derivatives
    record One(TensorType type, boolean grad) implements Pattern {
        @Override
        public boolean matches(@Nullable Object value, boolean recording) {
            return value instanceof Tensor tensor
                    && (tensor.type() == type || tensor.type().equals(type))
                    && (recording && tensor.requiresGrad()) == grad;
        }

        @Override
        public int size() {
            return 1;
        }

        @Override
        public int collect(@Nullable Object value, Tensor[] into, int at) {
            into[at] = (Tensor) Objects.requireNonNull(value);
            return at + 1;
        }

        @Override
        public Object build(Iterator<Tensor> tensors) {
            return tensors.next();
        }

        @Override
        public String toString() {
            return grad ? type + " with grad" : type.toString();
        }
    }

    /// A list, an array or a record of other things.
    ///
    /// @param container the record's class, the array's class, or [List]
    record Group(Class<?> container, List<Pattern> elements) implements Pattern {
        @Override
        public boolean matches(@Nullable Object value, boolean recording) {
            if (value == null || container != containerOf(value)) {
                return false;
            }
            List<?> parts = parts(value);
            if (parts.size() != elements.size()) {
                return false;
            }
            for (int i = 0; i < elements.size(); i++) {
                if (!elements.get(i).matches(parts.get(i), recording)) {
                    return false;
                }
            }
            return true;
        }

        @Override
        public int size() {
            return elements.stream().mapToInt(Pattern::size).sum();
        }

        @Override
        public int collect(@Nullable Object value, Tensor[] into, int at) {
            List<?> parts = parts(Objects.requireNonNull(value));
            int next = at;
            for (int i = 0; i < elements.size(); i++) {
                next = elements.get(i).collect(parts.get(i), into, next);
            }
            return next;
        }

        @Override
        public Object build(Iterator<Tensor> tensors) {
            List<@Nullable Object> parts = new ArrayList<>();
            for (Pattern element : elements) {
                parts.add(element.build(tensors));
            }
            if (container == List.class) {
                return Collections.unmodifiableList(parts);
            }
            if (container.isArray()) {
                Object[] array =
                        (Object[]) Array.newInstance(container.componentType(), parts.size());
                return parts.toArray(array);
            }
            return record(parts);
        }

        private Object record(List<@Nullable Object> parts) {
            RecordComponent[] components = container.getRecordComponents();
            Class<?>[] types =
                    Arrays.stream(components)
                            .map(RecordComponent::getType)
                            .toArray(Class<?>[]::new);
            try {
                Constructor<?> constructor = container.getDeclaredConstructor(types);
                constructor.trySetAccessible();
                return constructor.newInstance(parts.toArray());
            } catch (ReflectiveOperationException failure) {
                throw new GemelException(
                        "traced: expects records that can be made from their parts, but %s"
                                        .formatted(container.getName())
                                + " failed: %s; check its constructor"
                                        .formatted(failure.getCause()),
                        failure);
            }
        }

        @Override
        public String toString() {
            return container == List.class
                    ? elements.toString()
                    : container.getSimpleName() + elements;
        }
    }

    /// What holds no tensors.
    sealed interface Bare extends Pattern {
        @Override
        default int size() {
            return 0;
        }

        @Override
        default int collect(@Nullable Object value, Tensor[] into, int at) {
            return at;
        }
    }

    /// A Java value, part of the key by what it is.
    record Equal(@Nullable Object expected) implements Bare {
        @Override
        public boolean matches(@Nullable Object value, boolean recording) {
            return Objects.equals(value, expected);
        }

        @Override
        public @Nullable Object build(Iterator<Tensor> tensors) {
            return expected;
        }

        @Override
        public String toString() {
            return JavaValues.text(expected);
        }
    }

    /// An array of primitives, part of the key by its content.
    ///
    /// @param copy the content
    record Numbers(Object copy) implements Bare {
        @Override
        public boolean matches(@Nullable Object value, boolean recording) {
            return Objects.deepEquals(value, copy);
        }

        // A copy, which the function may write to: the key must stay.
        @Override
        public Object build(Iterator<Tensor> tensors) {
            return JavaValues.copy(copy);
        }

        @Override
        public String toString() {
            String text = Arrays.deepToString(new Object[] {copy});
            return text.substring(1, text.length() - 1);
        }
    }

    /// An object, part of the key by its identity; what can be seen through it is guarded by
    /// [JavaState].
    record Same(WeakReference<Object> expected) implements Bare {
        @Override
        public boolean matches(@Nullable Object value, boolean recording) {
            return value != null && expected.refersTo(value);
        }

        @Override
        public @Nullable Object build(Iterator<Tensor> tensors) {
            return expected.get();
        }

        @Override
        public String toString() {
            return JavaValues.text(expected.get());
        }
    }

    /// The pattern of `value`.
    static Pattern of(@Nullable Object value, boolean recording) {
        if (value instanceof Tensor tensor) {
            return new One(tensor.type(), recording && tensor.requiresGrad());
        }
        if (value == null || JavaValues.isValue(value)) {
            return new Equal(value);
        }
        if (value.getClass().isArray() && value.getClass().componentType().isPrimitive()) {
            return new Numbers(JavaValues.copy(value));
        }
        Class<?> container = containerOf(value);
        if (container == Object.class) {
            return new Same(new WeakReference<>(value));
        }
        List<Pattern> elements = new ArrayList<>();
        for (Object part : parts(value)) {
            elements.add(of(part, recording));
        }
        return new Group(container, List.copyOf(elements));
    }

    // Object.class stands for what is not taken apart.
    private static Class<?> containerOf(Object value) {
        return switch (value) {
            case List<?> _ -> List.class;
            case Object[] _, Record _ -> value.getClass();
            default -> Object.class;
        };
    }

    private static List<?> parts(Object value) {
        return switch (value) {
            case List<?> list -> list;
            case Object[] array -> Arrays.asList(array);
            case Record record -> JavaValues.parts(record);
            default -> throw new IllegalArgumentException(value.getClass().getName());
        };
    }
}
