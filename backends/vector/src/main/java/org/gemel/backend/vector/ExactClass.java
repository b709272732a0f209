package org.gemel.backend.vector;

import static java.lang.constant.ConstantDescs.CD_Class;
import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_String;
import static java.lang.constant.ConstantDescs.CD_int;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.DirectMethodHandleDesc;
import java.lang.constant.DynamicConstantDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;
import org.gemel.DType;

/// Tells the JIT the exact class of a vector or mask in a local variable, by comparing it.
///
/// The Vector API declares its results as `FloatVector`. Which class it is, that of 16 lanes or
/// another, C2 takes from a profile, as long as it may still bet on it. When the methods that all
/// vectors share have seen enough surprises (`PerMethodTrapLimit`, a sum over all that is inlined),
/// it may not, keeps vectors as objects, and the code is a hundred times too slow for good. What a
/// comparison tells is no bet: it holds for all that follows, and C2 drops the comparison when it
/// knows better.
final class ExactClass {
    private static final ClassDesc SELF = ClassDesc.of(ExactClass.class.getName());
    private static final MethodTypeDesc GET_CLASS = MethodTypeDesc.of(CD_Class);
    private static final MethodTypeDesc OTHER =
            MethodTypeDesc.of(ClassDesc.of(IllegalStateException.class.getName()));
    private static final DirectMethodHandleDesc VECTOR = bootstrap("vector");
    private static final DirectMethodHandleDesc MASK = bootstrap("mask");

    private ExactClass() {}

    private static DirectMethodHandleDesc bootstrap(String name) {
        return ConstantDescs.ofConstantBootstrap(SELF, name, CD_Class, CD_String, CD_int);
    }

    /// Emits the comparison for a vector of elements as memory holds them.
    ///
    /// @param bits the length of the vector
    static void tellVector(CodeBuilder code, DType type, int bits, int local) {
        tell(code, VECTOR, type, bits, local);
    }

    /// Emits the comparison for a mask for such vectors; see [#tellVector].
    static void tellMask(CodeBuilder code, DType type, int bits, int local) {
        tell(code, MASK, type, bits, local);
    }

    private static void tell(
            CodeBuilder code, DirectMethodHandleDesc kind, DType type, int bits, int local) {
        Label same = code.newLabel();
        code.aload(local).invokevirtual(CD_Object, "getClass", GET_CLASS);
        code.ldc(DynamicConstantDesc.ofNamed(kind, "class", CD_Class, type.name(), bits));
        code.if_acmpeq(same);
        code.invokestatic(SELF, "other", OTHER).athrow();
        code.labelBinding(same);
    }

    // For the generated constants.
    static Class<?> vector(
            MethodHandles.Lookup lookup, String name, Class<?> type, String element, int bits) {
        return species(element, bits).vectorType();
    }

    // For the generated constants.
    static Class<?> mask(
            MethodHandles.Lookup lookup, String name, Class<?> type, String element, int bits) {
        return species(element, bits).maskAll(true).getClass();
    }

    private static VectorSpecies<?> species(String element, int bits) {
        Class<?> lane =
                switch (DType.valueOf(element)) {
                    case F32 -> float.class;
                    case F64 -> double.class;
                    case I32 -> int.class;
                    case I64 -> long.class;
                    case F16, BF16 -> short.class;
                    case I8, U8, BOOL -> byte.class;
                };
        return VectorSpecies.of(lane, VectorShape.forBitSize(bits));
    }

    // For generated code.
    static IllegalStateException other() {
        return new IllegalStateException("a vector of another class than its operation returns");
    }
}
