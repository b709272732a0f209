package org.gemel.nn;

import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import org.gemel.GemelException;
import org.gemel.Parameter;
import org.jspecify.annotations.Nullable;

/// Finds parameters and modules by walking the fields of modules: those that a field holds alone,
/// in an `Optional`, or in lists and arrays.
final class ParameterSearch {
    private final SequencedMap<String, Parameter> found = new LinkedHashMap<>();
    private final List<Module> modules = new ArrayList<>();
    private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    private final boolean deep;

    private ParameterSearch(boolean deep) {
        this.deep = deep;
    }

    static SequencedMap<String, Parameter> in(Module module) {
        return Collections.unmodifiableSequencedMap(new ParameterSearch(true).of(module).found);
    }

    /// `module` and all below it, in the order in which they are met.
    static List<Module> modules(Module module) {
        return List.copyOf(new ParameterSearch(true).of(module).modules);
    }

    /// The modules that the fields of `module` hold, without those below them.
    static List<Module> children(Module module) {
        return new ParameterSearch(false).of(module).modules.stream().skip(1).toList();
    }

    private ParameterSearch of(Module module) {
        seen.add(module);
        modules.add(module);
        visitFields("", module);
        return this;
    }

    private void visit(String path, @Nullable Object value) {
        switch (value) {
            case Parameter parameter when seen.add(parameter) -> found.put(path, parameter);
            case Module module when seen.add(module) -> {
                modules.add(module);
                if (deep) {
                    visitFields(path, module);
                }
            }
            case Optional<?> optional -> visit(path, optional.orElse(null));
            case List<?> list -> visitAll(path, list);
            case Object[] array -> visitAll(path, Arrays.asList(array));
            case null, default -> {}
        }
    }

    private void visitFields(String path, Module module) {
        for (Field field : fields(module.getClass())) {
            visit(join(path, field.getName()), read(field, module));
        }
    }

    private void visitAll(String path, List<?> elements) {
        int index = 0;
        for (Object element : elements) {
            visit(join(path, Integer.toString(index++)), element);
        }
    }

    private static String join(String path, String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    // Those of superclasses first, as their constructors run first.
    private static List<Field> fields(Class<?> type) {
        List<Field> all = new ArrayList<>();
        for (@Nullable Class<?> c = type; c != null && c != Object.class; c = c.getSuperclass()) {
            List<Field> own = new ArrayList<>();
            for (Field field : c.getDeclaredFields()) {
                boolean shared = Modifier.isStatic(field.getModifiers());
                if (!shared && !field.isSynthetic() && !field.getType().isPrimitive()) {
                    own.add(field);
                }
            }
            all.addAll(0, own);
        }
        return all;
    }

    private static @Nullable Object read(Field field, Module module) {
        try {
            field.setAccessible(true);
            return field.get(module);
        } catch (InaccessibleObjectException | IllegalAccessException closed) {
            Class<?> owner = field.getDeclaringClass();
            throw new GemelException(
                    "parameters: expects to read the fields of %s, but its Java module %s keeps"
                                    .formatted(owner.getName(), owner.getModule().getName())
                            + " package %s closed; add `opens %s;` to its module-info"
                                    .formatted(owner.getPackageName(), owner.getPackageName()),
                    closed);
        }
    }
}
