package org.gemel.tracer;

import java.lang.reflect.Array;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.gemel.GemelException;
import org.gemel.Shape;
import org.jspecify.annotations.Nullable;

/// Tells Java values, which are compared by what they are, from objects, which have an identity.
final class JavaValues {
    // Looking components up anew costs more than a small trace takes to run.
    private static final ClassValue<Method[]> ACCESSORS =
            new ClassValue<>() {
                @Override
                protected Method[] computeValue(Class<?> type) {
                    return Arrays.stream(type.getRecordComponents())
                            .map(RecordComponent::getAccessor)
                            .peek(Method::trySetAccessible)
                            .toArray(Method[]::new);
                }
            };

    private JavaValues() {}

    /// Whether `value` can never change and equals what stands for the same.
    static boolean isValue(@Nullable Object value) {
        if (value == null) {
            return true;
        }
        return switch (value) {
            case Boolean _, Character _, String _, Enum<?> _, Class<?> _, Shape _ -> true;
            case Number number -> number.getClass().getPackageName().equals("java.lang");
            case Record record -> componentsAreValues(record);
            default -> value.getClass().getPackageName().equals("java.time");
        };
    }

    private static boolean componentsAreValues(Record record) {
        for (Object part : parts(record)) {
            if (!isValue(part)) {
                return false;
            }
        }
        return true;
    }

    /// The values of a record's components.
    static List<@Nullable Object> parts(Record record) {
        Method[] accessors = ACCESSORS.get(record.getClass());
        List<@Nullable Object> parts = new ArrayList<>(accessors.length);
        for (Method accessor : accessors) {
            try {
                parts.add(accessor.invoke(record));
            } catch (ReflectiveOperationException failure) {
                throw new GemelException(
                        "traced: expects readable records, but %s cannot be read: %s; check its"
                                        .formatted(accessor, failure)
                                + " accessor, and that its package is open",
                        failure);
            }
        }
        return parts;
    }

    /// A copy of an array of primitives.
    static Object copy(Object array) {
        int length = Array.getLength(array);
        Object copy = Array.newInstance(array.getClass().componentType(), length);
        System.arraycopy(array, 0, copy, 0, length);
        return copy;
    }

    /// Short text for messages.
    static String text(@Nullable Object value) {
        return switch (value) {
            case null -> "null";
            case String string -> '"' + string + '"';
            default -> isValue(value) ? value.toString() : "a " + value.getClass().getSimpleName();
        };
    }
}
