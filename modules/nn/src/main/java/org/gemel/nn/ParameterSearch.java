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
import java.util.SequencedMap;
import java.util.Set;
import org.gemel.GemelException;
import org.gemel.Parameter;
import org.jspecify.annotations.Nullable;

/// Finds parameters by walking the fields of modules.
final class ParameterSearch {
    private final SequencedMap<String, Parameter> found = new LinkedHashMap<>();
    private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());

    private ParameterSearch() {}

    static SequencedMap<String, Parameter> in(Module module) {
        ParameterSearch search = new ParameterSearch();
        search.visit("", module);
        return Collections.unmodifiableSequencedMap(search.found);
    }

    private void visit(String path, @Nullable Object value) {
        switch (value) {
            case Parameter parameter when seen.add(parameter) -> found.put(path, parameter);
            case Module module when seen.add(module) -> {
                for (Field field : fields(module.getClass())) {
                    visit(join(path, field.getName()), read(field, module));
                }
            }
            case List<?> list -> visitAll(path, list);
            case Object[] array -> visitAll(path, Arrays.asList(array));
            case null, default -> {}
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
