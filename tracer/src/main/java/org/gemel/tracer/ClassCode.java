package org.gemel.tracer;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeElement;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.NewObjectInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.DirectMethodHandleDesc;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What the methods of one class call and which fields they touch, from its class file.
///
/// @param methods those with a body
record ClassCode(List<Body> methods) {
    /// A method's name and type.
    record Member(String name, String descriptor) {}

    /// A static field, by the names of its class and its own.
    record StaticField(String owner, String name) {}

    /// What one method does.
    ///
    /// @param calls methods that it calls or hands out as functions
    /// @param fields the names of the fields that it reads or writes
    /// @param statics static fields among them
    /// @param classes classes that it calls or makes objects of
    /// @param reflects whether it may touch fields in ways that cannot be seen
    record Body(
            Member member,
            Set<Member> calls,
            Set<String> fields,
            Set<StaticField> statics,
            Set<String> classes,
            boolean reflects) {
        // There is one for each method: comparing what it does would take most of a trace's time.
        @Override
        public boolean equals(Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }

        private void touch(FieldInstruction field) {
            String name = field.name().stringValue();
            fields.add(name);
            mention(field.owner().asSymbol());
            boolean ofClass =
                    field.opcode() == Opcode.GETSTATIC || field.opcode() == Opcode.PUTSTATIC;
            if (ofClass) {
                name(field.owner().asSymbol())
                        .ifPresent(owner -> statics.add(new StaticField(owner, name)));
            }
        }

        private void call(ClassDesc owner, String name, String descriptor) {
            mention(owner);
            calls.add(new Member(name, descriptor));
        }

        private void hand(DirectMethodHandleDesc handle) {
            call(handle.owner(), handle.methodName(), handle.lookupDescriptor());
        }

        private void mention(ClassDesc type) {
            name(type).ifPresent(classes::add);
        }
    }

    private static final ClassValue<Optional<ClassCode>> CODE =
            new ClassValue<>() {
                @Override
                protected Optional<ClassCode> computeValue(Class<?> type) {
                    return read(type);
                }
            };

    /// The code of a class, or nothing if its class file cannot be found.
    static Optional<ClassCode> of(Class<?> type) {
        return CODE.get(type);
    }

    private static Optional<ClassCode> read(Class<?> type) {
        String path = type.getName().substring(type.getName().lastIndexOf('.') + 1) + ".class";
        try (InputStream stream = type.getResourceAsStream(path)) {
            if (stream == null) {
                return Optional.empty();
            }
            List<Body> bodies = new ArrayList<>();
            for (MethodModel method : ClassFile.of().parse(stream.readAllBytes()).methods()) {
                if (method.code().isPresent()) {
                    bodies.add(body(method));
                }
            }
            return Optional.of(new ClassCode(bodies));
        } catch (IOException | IllegalArgumentException unreadable) {
            return Optional.empty();
        }
    }

    private static Body body(MethodModel method) {
        Body body =
                new Body(
                        new Member(
                                method.methodName().stringValue(),
                                method.methodType().stringValue()),
                        new HashSet<>(),
                        new HashSet<>(),
                        new HashSet<>(),
                        new HashSet<>(),
                        false);
        for (CodeElement element : method.code().orElseThrow()) {
            switch (element) {
                case FieldInstruction field -> body.touch(field);
                case InvokeInstruction invoke ->
                        body.call(
                                invoke.owner().asSymbol(),
                                invoke.name().stringValue(),
                                invoke.type().stringValue());
                case InvokeDynamicInstruction invoke ->
                        invoke.bootstrapArgs().stream()
                                .filter(DirectMethodHandleDesc.class::isInstance)
                                .map(DirectMethodHandleDesc.class::cast)
                                .forEach(body::hand);
                case NewObjectInstruction made -> body.mention(made.className().asSymbol());
                default -> {}
            }
        }
        boolean reflects =
                body.classes.stream()
                        .anyMatch(name ->
                                name.startsWith("java.lang.reflect.")
                                        || name.startsWith("java.lang.invoke."));
        return new Body(body.member, body.calls, body.fields, body.statics, body.classes, reflects);
    }

    private static Optional<String> name(ClassDesc type) {
        ClassDesc plain = type;
        while (plain.isArray()) {
            plain = plain.componentType();
        }
        String text = plain.descriptorString();
        return plain.isPrimitive()
                ? Optional.empty()
                : Optional.of(text.substring(1, text.length() - 1).replace('/', '.'));
    }
}
