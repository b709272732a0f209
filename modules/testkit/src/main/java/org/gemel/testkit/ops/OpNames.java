package org.gemel.testkit.ops;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.gemel.Indexed;
import org.gemel.Key;
import org.gemel.Linalg;
import org.gemel.Special;
import org.gemel.Tensor;
import org.gemel.Unique;
import org.gemel.nn.Attention;
import org.gemel.nn.ClassLosses;
import org.gemel.nn.Losses;
import org.gemel.nn.VectorLosses;
import org.gemel.op.Primitive;

/// What the table of cases must hold, found in the code itself: every primitive there is, and every
/// method of an operation.
public final class OpNames {
    // Of Tensor and its like, what hands a tensor on or says something of it.
    private static final Set<String> NO_OPERATIONS =
            Set.of("apply", "of", "detach", "stopGradient", "hook", "withGrad", "grad");

    private OpNames() {}

    /// The name of a primitive: of its row in a table, or of its record and what kind it is.
    public static String of(Primitive op) {
        if (op instanceof Enum<?> row) {
            return name(row.getDeclaringClass(), row);
        }
        Class<?> type = op.getClass();
        for (var component : type.getRecordComponents()) {
            if (component.getType().isEnum() && component.getName().equals("kind")) {
                try {
                    return name(type, (Enum<?>) component.getAccessor().invoke(op));
                } catch (ReflectiveOperationException e) {
                    throw new IllegalStateException(e);
                }
            }
        }
        return type.getSimpleName();
    }

    private static String name(Class<?> type, Enum<?> kind) {
        return type.getSimpleName() + "." + kind.name();
    }

    /// The names of all primitives.
    public static Set<String> primitives() {
        Set<String> names = new TreeSet<>();
        for (Class<?> type : types(Primitive.class)) {
            Class<?> kinds = kinds(type);
            if (kinds.isEnum()) {
                for (Object kind : kinds.getEnumConstants()) {
                    names.add(name(type, (Enum<?>) kind));
                }
            } else {
                names.add(type.getSimpleName());
            }
        }
        return names;
    }

    // The enum that tells apart the operations of a type, or the type itself if it is but one.
    private static Class<?> kinds(Class<?> type) {
        if (type.isRecord()) {
            for (var component : type.getRecordComponents()) {
                if (component.getType().isEnum() && component.getName().equals("kind")) {
                    return component.getType();
                }
            }
        }
        return type;
    }

    /// The records and enums behind a sealed interface.
    public static List<Class<?>> types(Class<?> sealed) {
        List<Class<?>> found = new ArrayList<>();
        for (Class<?> next : sealed.getPermittedSubclasses()) {
            if (next.isInterface()) {
                found.addAll(types(next));
            } else {
                found.add(next);
            }
        }
        return found;
    }

    /// The methods that are operations: public, and with tensors as a result.
    public static Set<String> methods() {
        Set<String> names = new TreeSet<>();
        List<Class<?>> types =
                List.of(
                        Tensor.class,
                        Linalg.class,
                        Special.class,
                        Key.class,
                        Losses.class,
                        ClassLosses.class,
                        VectorLosses.class,
                        Attention.class);
        for (Class<?> type : types) {
            for (Method method : type.getDeclaredMethods()) {
                boolean shown = Modifier.isPublic(method.getModifiers()) && !method.isSynthetic();
                boolean field =
                        type.isRecord()
                                && Arrays.stream(type.getRecordComponents())
                                        .anyMatch(c -> c.getAccessor().equals(method));
                if (shown && !field && isTensor(method.getReturnType())) {
                    names.add(method.getName());
                }
            }
        }
        names.removeAll(NO_OPERATIONS);
        return names;
    }

    private static boolean isTensor(Class<?> type) {
        return List.of(
                        Tensor.class,
                        List.class,
                        Indexed.class,
                        Unique.class,
                        Key.class,
                        Tensor.BatchNorm.class,
                        Linalg.SignAndLog.class,
                        Linalg.QandR.class,
                        Linalg.Eigenpairs.class,
                        Linalg.Svd.class)
                .contains(type);
    }
}
