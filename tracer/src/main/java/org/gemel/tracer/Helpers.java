package org.gemel.tracer;

import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeElement;
import java.lang.classfile.MethodModel;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.reflect.AccessFlag;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The methods of one class that its own code calls and no other can take the place of, and which
/// of their tensors they keep.
final class Helpers {
    private final String owner;
    private final boolean sealed;
    private final Map<String, MethodModel> methods = new HashMap<>();
    private final Map<String, Operation> known = new HashMap<>();

    private Helpers(ClassModel model) {
        this.owner = model.thisClass().asInternalName();
        this.sealed = model.flags().has(AccessFlag.FINAL);
        for (MethodModel method : model.methods()) {
            if (method.code().isPresent() && isFixed(method)) {
                methods.put(key(method), method);
            }
        }
    }

    /// Those of a class.
    static Helpers of(ClassModel model) {
        Helpers helpers = new Helpers(model);
        // At first each seems to keep all that it gets; what is known of one then tells of others.
        boolean better = true;
        while (better) {
            better = false;
            for (Map.Entry<String, MethodModel> one : helpers.methods.entrySet()) {
                Optional<Operation> now = helpers.look(one.getValue());
                Operation former = helpers.known.get(one.getKey());
                if (now.isPresent() && !now.get().equals(former)) {
                    helpers.known.put(one.getKey(), now.get());
                    better = true;
                }
            }
        }
        return helpers;
    }

    private Optional<Operation> look(MethodModel method) {
        return Operation.result(method.methodTypeSymbol().returnType())
                .map(gives -> new Operation(borrowed(method, gives), gives));
    }

    private List<Integer> borrowed(MethodModel method, Operation.Result gives) {
        Optional<Ownership> ownership =
                method.code()
                        .flatMap(StackFlow::of)
                        .map(flow -> new Ownership(flow, this, gives == Operation.Result.HANDED));
        List<Integer> borrowed = new ArrayList<>();
        MethodTypeDesc type = method.methodTypeSymbol();
        int first = method.flags().has(AccessFlag.STATIC) ? 0 : 1;
        int slot = first;
        for (int i = 0; i < type.parameterCount(); i++) {
            ClassDesc parameter = type.parameterType(i);
            int variable = slot;
            if (parameter.equals(Operation.TENSOR)
                    && ownership.filter(all -> !all.keeps(variable)).isPresent()) {
                borrowed.add(first + i);
            }
            slot += TypeKind.from(parameter).slotSize();
        }
        return List.copyOf(borrowed);
    }

    /// Whether a method says whose its result is.
    boolean hands(MethodModel method) {
        Operation operation = known.get(key(method));
        return operation != null && operation.makes();
    }

    /// The operation that an instruction is, be it the library's or one of these methods.
    Optional<Operation> operation(CodeElement element) {
        if (element instanceof InvokeInstruction call
                && call.owner().asInternalName().equals(owner)) {
            return Optional.ofNullable(
                    known.get(call.name().stringValue() + call.type().stringValue()));
        }
        return Operation.of(element);
    }

    private boolean isFixed(MethodModel method) {
        return !method.methodName().stringValue().startsWith("<")
                && !method.flags().has(AccessFlag.SYNTHETIC)
                && (sealed
                        || method.flags().has(AccessFlag.STATIC)
                        || method.flags().has(AccessFlag.PRIVATE)
                        || method.flags().has(AccessFlag.FINAL));
    }

    private static String key(MethodModel method) {
        return method.methodName().stringValue() + method.methodType().stringValue();
    }
}
