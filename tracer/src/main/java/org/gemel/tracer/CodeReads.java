package org.gemel.tracer;

import java.lang.reflect.Method;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/// Which fields a function can touch, found in the code that it can reach.
///
/// Errs towards too many: a call may reach every method of that name and type in every class that
/// takes part, what code outside may call back counts as called, and fields are told apart by name
/// alone. Where code uses reflection or a class file is missing, all fields count, and so do the
/// fields of classes from elsewhere (another jar than the function's).
final class CodeReads {
    private static final int MOST_CLASSES = 400;

    private final Class<?> owner;
    private final Predicate<Class<?>> watched;
    private final Set<Class<?>> classes = new HashSet<>();
    private final Map<ClassCode.Member, List<ClassCode.Body>> byMember = new HashMap<>();
    private final Set<ClassCode.Member> called = new HashSet<>();
    private final Set<ClassCode.Body> reached = new HashSet<>();
    private final Deque<ClassCode.Body> open = new ArrayDeque<>();
    private final Set<String> mentioned = new HashSet<>();
    private final Set<String> fields = new HashSet<>();
    private final Set<ClassCode.StaticField> statics = new HashSet<>();
    private boolean opaque;

    /// Nothing is known to be called yet.
    ///
    /// @param owner the class in which the function is written
    /// @param watched the classes whose state matters
    CodeReads(Class<?> owner, Predicate<Class<?>> watched) {
        this.owner = owner;
        this.watched = watched;
    }

    /// Whether the code can touch the field `name` of `type`.
    boolean mayTouch(Class<?> type, String name) {
        // What a lambda has captured is read by code that is made when it runs.
        return opaque || fields.contains(name) || type.isHidden() || !isScanned(type);
    }

    /// The static fields that the code can touch.
    Set<ClassCode.StaticField> statics() {
        return statics;
    }

    /// Grows when something new is found.
    int size() {
        return fields.size() + statics.size() + (opaque ? 1 : 0);
    }

    /// Whether all fields count.
    boolean isOpaque() {
        return opaque;
    }

    /// The methods of `type` with such names are called.
    void call(Class<?> type, Predicate<String> names) {
        add(type);
        ClassCode.of(type)
                .ifPresent(code ->
                        code.methods().stream()
                                .filter(body -> names.test(body.member().name()))
                                .forEach(this::reach));
        settle();
    }

    /// Objects of `type` take part.
    void add(Class<?> type) {
        if (opaque || !isScanned(type) || !classes.add(type)) {
            return;
        }
        if (type.isHidden()) {
            // What a lambda calls is not written anywhere: some method of its author.
            call(Tracer.author(type), _ -> true);
            return;
        }
        Optional<ClassCode> code = ClassCode.of(type);
        if (code.isEmpty() || classes.size() > MOST_CLASSES) {
            opaque = true;
            return;
        }
        Set<String> callbacks = new HashSet<>();
        foreign(type, callbacks);
        for (ClassCode.Body body : code.get().methods()) {
            ClassCode.Member member = body.member();
            byMember.computeIfAbsent(member, _ -> new ArrayList<>()).add(body);
            if (called.contains(member)
                    || callbacks.contains(member.name())
                    || member.name().equals("<clinit>")) {
                reach(body);
            }
        }
        if (type.getSuperclass() != null) {
            add(type.getSuperclass());
        }
        for (Class<?> implemented : type.getInterfaces()) {
            add(implemented);
        }
        settle();
    }

    private boolean isScanned(Class<?> type) {
        return watched.test(type)
                && (type.getPackageName().equals(owner.getPackageName())
                        || type.getName().startsWith("org.gemel.")
                        || type.getProtectionDomain().getCodeSource()
                                == owner.getProtectionDomain().getCodeSource());
    }

    // Names of the methods that a class inherits from code that is not looked at.
    private void foreign(Class<?> type, Set<String> names) {
        if (!isScanned(type)) {
            for (Method method : type.getMethods()) {
                names.add(method.getName());
            }
            return;
        }
        if (type.getSuperclass() != null) {
            foreign(type.getSuperclass(), names);
        }
        for (Class<?> implemented : type.getInterfaces()) {
            foreign(implemented, names);
        }
    }

    private void reach(ClassCode.Body body) {
        if (reached.add(body)) {
            open.add(body);
        }
    }

    private void settle() {
        while (!open.isEmpty()) {
            ClassCode.Body body = open.remove();
            opaque |= body.reflects();
            fields.addAll(body.fields());
            statics.addAll(body.statics());
            body.classes().forEach(this::mention);
            for (ClassCode.Member member : body.calls()) {
                if (called.add(member)) {
                    byMember.getOrDefault(member, List.of()).forEach(this::reach);
                }
            }
        }
    }

    private void mention(String name) {
        if (!name.startsWith("java.") && mentioned.add(name)) {
            type(name).ifPresent(this::add);
        }
    }

    /// The class `name` as the function sees it.
    Optional<Class<?>> type(String name) {
        try {
            return Optional.of(Class.forName(name, false, owner.getClassLoader()));
        } catch (ClassNotFoundException | LinkageError absent) {
            return Optional.empty();
        }
    }
}
