package org.gemel.tracer;

import java.lang.invoke.MethodHandle;
import java.lang.ref.WeakReference;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.gemel.GemelException;
import org.gemel.Tensor;
import org.jspecify.annotations.Nullable;

/// One thing about the Java state that a trace relies on. Objects are held weakly: a guard keeps
/// nobody's model alive.
sealed interface Guard {
    /// Whether it is still so.
    boolean holds();

    /// What is guarded, and how it was, for messages.
    String describe();

    /// What a trace relies on, as in `Model.training = true`; nothing for what rarely changes.
    default Optional<String> holding() {
        return Optional.empty();
    }

    /// A remembered value or, of an object, its identity.
    record Memory(@Nullable Object value, @Nullable WeakReference<Object> object) {
        static Memory of(@Nullable Object seen) {
            return seen == null || JavaValues.isValue(seen)
                    ? new Memory(seen, null)
                    : new Memory(null, new WeakReference<>(seen));
        }

        boolean is(@Nullable Object now) {
            return object == null
                    ? Objects.equals(value, now)
                    : now != null && object.refersTo(now);
        }

        @Nullable Object get() {
            return object == null ? value : object.get();
        }
    }

    /// A field that can be assigned.
    ///
    /// @param field the field
    /// @param owner the object, or the class for a static field
    /// @param getter reads it, of type `(Object)Object`
    /// @param setter writes it, of type `(Object, Object)void`
    /// @param memory what it held
    record InField(
            Field field,
            WeakReference<Object> owner,
            MethodHandle getter,
            MethodHandle setter,
            Memory memory)
            implements Guard {
        @Override
        public boolean holds() {
            Object object = owner.get();
            return object != null && memory.is(read(object));
        }

        private @Nullable Object read(Object object) {
            try {
                return (Object) getter.invokeExact(object);
            } catch (Throwable failure) {
                throw new GemelException("traced: cannot read " + name(), failure);
            }
        }

        /// The tensor it held, if it did.
        @Nullable Tensor tensor() {
            return memory.get() instanceof Tensor tensor ? tensor : null;
        }

        /// Puts back what it held.
        void restore() {
            Object object = owner.get();
            try {
                if (object != null) {
                    setter.invokeExact(object, memory.get());
                }
            } catch (Throwable failure) {
                throw new GemelException("traced: cannot restore " + name(), failure);
            }
        }

        @Override
        public Optional<String> holding() {
            return memory.object == null
                    ? Optional.of(name() + " = " + JavaValues.text(memory.value))
                    : Optional.empty();
        }

        private String name() {
            return field.getDeclaringClass().getSimpleName() + "." + field.getName();
        }

        @Override
        public String describe() {
            Object object = Modifier.isStatic(field.getModifiers()) ? field : owner.get();
            String now = object == null ? "gone" : JavaValues.text(read(object));
            return "field %s (was %s, is %s)".formatted(name(), JavaValues.text(memory.get()), now);
        }
    }

    /// A tensor field that the function did not use: it only has to hold some tensor.
    record HoldsTensor(InField field) implements Guard {
        @Override
        public boolean holds() {
            Object object = field.owner.get();
            return object != null && field.read(object) instanceof Tensor;
        }

        @Override
        public String describe() {
            return field.describe();
        }
    }

    /// The elements of a collection, a map, an array or an atomic variable.
    ///
    /// @param container the object
    /// @param elements what it held, in the order of iteration
    /// @param copy of a primitive array, its content
    record Elements(WeakReference<Object> container, List<Memory> elements, @Nullable Object copy)
            implements Guard {
        @Override
        public boolean holds() {
            Object object = container.get();
            if (object == null) {
                return false;
            }
            if (copy != null) {
                return Objects.deepEquals(object, copy);
            }
            if (object instanceof Map<?, ?> map) {
                return holds(map);
            }
            int next = 0;
            for (Object element : JavaState.elements(object)) {
                if (next == elements.size() || !elements.get(next++).is(element)) {
                    return false;
                }
            }
            return next == elements.size();
        }

        // As for the others, but without a list made at every call.
        private boolean holds(Map<?, ?> map) {
            int next = 0;
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                if (next == elements.size()
                        || !elements.get(next).is(entry.getKey())
                        || !elements.get(next + 1).is(entry.getValue())) {
                    return false;
                }
                next += 2;
            }
            return next == elements.size();
        }

        @Override
        public String describe() {
            return "the content of " + JavaValues.text(container.get());
        }
    }
}
