package org.gemel.tracer;

import java.lang.classfile.Attributes;
import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.LineNumber;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.DirectMethodHandleDesc;
import java.lang.constant.DynamicCallSiteDesc;
import java.lang.constant.MethodHandleDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.CallSite;
import java.lang.invoke.MethodHandle;
import java.lang.reflect.AccessFlag;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.gemel.SourceLine;

/// Rewrites classes with [Traced] methods.
///
/// The body of `step` moves, byte for byte, to the private method `step$eager`; `step` becomes one
/// `invokedynamic` that [TracedMethods#bootstrap] links. All else stays as it is.
final class Weaver {
    private static final ClassDesc TRACED = ClassDesc.of("org.gemel.tracer", "Traced");
    private static final byte[] MENTION =
            TRACED.descriptorString().getBytes(StandardCharsets.US_ASCII);

    private static final DirectMethodHandleDesc BOOTSTRAP =
            MethodHandleDesc.ofMethod(
                    DirectMethodHandleDesc.Kind.STATIC,
                    ClassDesc.of("org.gemel.tracer", "TracedMethods"),
                    "bootstrap",
                    MethodTypeDesc.of(
                            CallSite.class.describeConstable().orElseThrow(),
                            ConstantDescs.CD_MethodHandles_Lookup,
                            ConstantDescs.CD_String,
                            ConstantDescs.CD_MethodType,
                            MethodHandle.class.describeConstable().orElseThrow()));

    private Weaver() {}

    /// The woven class file, or nothing if there is nothing to weave.
    static Optional<byte[]> weave(byte[] bytes) {
        if (!mentions(bytes, MENTION)) {
            return Optional.empty();
        }
        ClassFile format = ClassFile.of();
        ClassModel model = format.parse(bytes);
        Set<String> moved =
                model.methods().stream().map(Weaver::signature).collect(Collectors.toSet());
        Set<MethodModel> traced =
                model.methods().stream()
                        .filter(Weaver::isTraced)
                        .filter(method -> !moved.contains(movedSignature(method)))
                        .collect(Collectors.toSet());
        if (traced.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                format.transformClass(
                        model,
                        (builder, element) -> {
                            if (element instanceof MethodModel method && traced.contains(method)) {
                                move(builder, method);
                                link(builder, model, method);
                            } else {
                                builder.with(element);
                            }
                        }));
    }

    // Nearly every class is told apart by this search; parsing all would slow down every start.
    static boolean mentions(byte[] bytes, byte[] name) {
        int last = bytes.length - name.length;
        for (int from = 0; from <= last; from++) {
            int i = 0;
            while (i < name.length && bytes[from + i] == name[i]) {
                i++;
            }
            if (i == name.length) {
                return true;
            }
        }
        return false;
    }

    // Bridges carry the annotations of what they call, and would trace it a second time.
    private static boolean isTraced(MethodModel method) {
        return method.code().isPresent()
                && !method.flags().has(AccessFlag.BRIDGE)
                && !method.flags().has(AccessFlag.SYNTHETIC)
                && method.findAttribute(Attributes.runtimeVisibleAnnotations()).stream()
                        .flatMap(all -> all.annotations().stream())
                        .anyMatch(annotation -> annotation.classSymbol().equals(TRACED));
    }

    private static String signature(MethodModel method) {
        return method.methodName().stringValue() + method.methodType().stringValue();
    }

    private static String movedSignature(MethodModel method) {
        return movedName(method) + method.methodType().stringValue();
    }

    private static String movedName(MethodModel method) {
        return method.methodName().stringValue() + SourceLine.WOVEN_SUFFIX;
    }

    private static boolean isStatic(MethodModel method) {
        return method.flags().has(AccessFlag.STATIC);
    }

    private static void move(ClassBuilder builder, MethodModel method) {
        int flags = ClassFile.ACC_PRIVATE | ClassFile.ACC_SYNTHETIC;
        builder.withMethod(
                movedName(method),
                method.methodTypeSymbol(),
                isStatic(method) ? flags | ClassFile.ACC_STATIC : flags,
                body -> method.code().ifPresent(body::with));
    }

    private static void link(ClassBuilder builder, ClassModel owner, MethodModel method) {
        builder.withMethod(
                method.methodName(),
                method.methodType(),
                method.flags().flagsMask(),
                body ->
                        method.forEach(element -> {
                            if (element instanceof CodeModel code) {
                                body.withCode(to -> call(to, owner, method, code));
                            } else {
                                body.with(element);
                            }
                        }));
    }

    private static void call(CodeBuilder to, ClassModel owner, MethodModel method, CodeModel code) {
        code.elementStream().filter(LineNumber.class::isInstance).findFirst().ifPresent(to::with);
        MethodTypeDesc type = method.methodTypeSymbol();
        MethodTypeDesc linked = type;
        if (!isStatic(method)) {
            to.aload(to.receiverSlot());
            linked = type.insertParameterTypes(0, owner.thisClass().asSymbol());
        }
        for (int i = 0; i < type.parameterCount(); i++) {
            to.loadLocal(TypeKind.from(type.parameterType(i)), to.parameterSlot(i));
        }
        to.invokedynamic(
                DynamicCallSiteDesc.of(
                        BOOTSTRAP,
                        method.methodName().stringValue(),
                        linked,
                        implementation(owner, method)));
        to.return_(TypeKind.from(type.returnType()));
    }

    private static DirectMethodHandleDesc implementation(ClassModel owner, MethodModel method) {
        boolean inInterface = owner.flags().has(AccessFlag.INTERFACE);
        DirectMethodHandleDesc.Kind kind;
        if (isStatic(method)) {
            kind =
                    inInterface
                            ? DirectMethodHandleDesc.Kind.INTERFACE_STATIC
                            : DirectMethodHandleDesc.Kind.STATIC;
        } else {
            kind =
                    inInterface
                            ? DirectMethodHandleDesc.Kind.INTERFACE_SPECIAL
                            : DirectMethodHandleDesc.Kind.SPECIAL;
        }
        return MethodHandleDesc.ofMethod(
                kind, owner.thisClass().asSymbol(), movedName(method), method.methodTypeSymbol());
    }
}
