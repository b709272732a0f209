package org.gemel.tracer;

import java.lang.classfile.CodeElement;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A call that keeps none of the tensors it is given.
///
/// @param inputs which of the values it takes from the stack are tensors that it does not keep
/// @param gives what it gives
record Operation(List<Integer> inputs, Result gives) {
    /// Whose a result is.
    enum Result {
        /// No tensor, and nothing that can hold one.
        NONE,
        /// A tensor that others may have.
        SHARED,
        /// A tensor that is new, or one of the inputs.
        FRESH,
        /// A tensor that says itself whether it was [handed][org.gemel.Temporary#hand] over.
        HANDED
    }

    static final ClassDesc TENSOR = ClassDesc.of("org.gemel.Tensor");

    private static final Set<String> PLAIN =
            Set.of("Ljava/lang/String;", "Lorg/gemel/Shape;", "Lorg/gemel/DType;");

    // What these give is held elsewhere: a leaf's gradient, what is behind a handle, a key's data.
    private static final Set<String> HELD = Set.of("grad", "value", "data");

    // These take several tensors and give a new one.
    private static final Set<String> JOINS = Set.of("concat", "stack");

    /// Whether it gives a tensor.
    boolean makes() {
        return gives != Result.NONE;
    }

    /// The operation of the library that `element` is, if it is one.
    static Optional<Operation> of(CodeElement element) {
        return element instanceof InvokeInstruction call && isOurs(call)
                ? of(call, call.typeSymbol(), call.opcode() != Opcode.INVOKESTATIC)
                : Optional.empty();
    }

    private static Optional<Operation> of(
            InvokeInstruction call, MethodTypeDesc type, boolean receiver) {
        List<Integer> inputs = new ArrayList<>();
        if (receiver && owner(call).equals("org/gemel/Tensor")) {
            inputs.add(0);
        }
        for (int i = 0; i < type.parameterCount(); i++) {
            if (type.parameterType(i).equals(TENSOR)) {
                inputs.add(i + (receiver ? 1 : 0));
            }
        }
        boolean makes = type.returnType().equals(TENSOR);
        if (!makes) {
            return isPlain(type.returnType())
                    ? Optional.of(new Operation(List.copyOf(inputs), Result.NONE))
                    : Optional.empty();
        }
        boolean fresh =
                JOINS.contains(call.name().stringValue())
                        || type.parameterList().stream().noneMatch(Operation::mayHoldMany);
        return Optional.of(
                new Operation(List.copyOf(inputs), fresh ? Result.FRESH : Result.SHARED));
    }

    private static String owner(InvokeInstruction call) {
        return call.owner().asInternalName();
    }

    private static boolean isOurs(InvokeInstruction call) {
        String owner = owner(call);
        String name = call.name().stringValue();
        boolean constructor = call.opcode() == Opcode.INVOKESPECIAL;
        if (constructor || HELD.contains(name) || takesCode(call.typeSymbol())) {
            return false;
        }
        return switch (owner) {
            case "org/gemel/Tensor", "org/gemel/Gemel", "org/gemel/Key" -> true;
            case "org/gemel/Linalg", "org/gemel/Special" -> true;
            // A sequence may hold layers that are not ours.
            case "org/gemel/nn/Sequential" -> false;
            default ->
                    owner.startsWith("org/gemel/nn/")
                            && (call.opcode() == Opcode.INVOKESTATIC
                                    || (call.opcode() == Opcode.INVOKEVIRTUAL
                                            && name.equals("forward")));
        };
    }

    /// What one of the user's methods gives, unless it may hold tensors in other ways.
    static Optional<Result> result(ClassDesc type) {
        if (type.equals(TENSOR)) {
            return Optional.of(Result.HANDED);
        }
        return isPlain(type) ? Optional.of(Result.NONE) : Optional.empty();
    }

    // Code that is handed over may keep what it sees, and give it too.
    private static boolean takesCode(MethodTypeDesc type) {
        return type.parameterList().stream()
                .anyMatch(parameter ->
                        parameter.descriptorString().startsWith("Ljava/util/function/"));
    }

    // A parameter through which one of many tensors may come back as the result.
    private static boolean mayHoldMany(ClassDesc parameter) {
        String name = parameter.descriptorString();
        boolean optional = name.startsWith("Ljava/util/Optional");
        return name.equals("Ljava/lang/Object;")
                || (name.startsWith("Ljava/util/") && !optional)
                || (parameter.isArray() && !parameter.componentType().isPrimitive());
    }

    // What cannot hold a tensor.
    private static boolean isPlain(ClassDesc type) {
        return type.isPrimitive()
                || (type.isArray() && type.componentType().isPrimitive())
                || PLAIN.contains(type.descriptorString());
    }
}
