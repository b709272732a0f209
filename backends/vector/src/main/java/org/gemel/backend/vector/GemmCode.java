package org.gemel.backend.vector;

import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.function.Consumer;
import jdk.incubator.vector.Vector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// Bytecode that the generated matrix kernels have in common: the class around one method, and the
/// vector loads and stores.
final class GemmCode {
    static final ClassDesc SPECIES = ClassDesc.of(VectorSpecies.class.getName());

    private static final ClassDesc MEMORY = ClassDesc.of(Memory.class.getName());
    private static final ClassDesc SEGMENT = ClassDesc.of(MemorySegment.class.getName());
    private static final ClassDesc ORDER = ClassDesc.of(ByteOrder.class.getName());
    private static final MethodTypeDesc STORE =
            MethodTypeDesc.of(ConstantDescs.CD_void, SEGMENT, ConstantDescs.CD_long, ORDER);

    private static final ClassDesc VECTOR = ClassDesc.of(Vector.class.getName());
    private static final ClassDesc OPERATORS = ClassDesc.of(VectorOperators.class.getName());
    private static final ClassDesc TERNARY = ClassDesc.of(VectorOperators.Ternary.class.getName());

    private GemmCode() {}

    /// One instance of a hidden class that implements the only method of `type` with `body`.
    ///
    /// @param name begins with `GeneratedLoop` if the launcher's flag that tells the JIT to compile
    ///   it sooner is to reach it; see also [LargeWork]
    static <T> T define(
            Class<T> type, String name, MethodTypeDesc descriptor, Consumer<CodeBuilder> body) {
        return HiddenClass.define(
                type,
                HiddenClass.named(name),
                builder -> builder.withMethodBody("run", descriptor, ClassFile.ACC_PUBLIC, body));
    }

    /// Pushes the preferred species of a vector class.
    static void species(CodeBuilder code, ClassDesc vector) {
        code.getstatic(vector, "SPECIES_PREFERRED", SPECIES);
    }

    /// Pushes the vector at the address in local `address` plus `offset` bytes.
    static void loadVector(CodeBuilder code, ClassDesc vector, int address, int offset) {
        species(code, vector);
        code.getstatic(MEMORY, "ALL", SEGMENT);
        at(code, address, offset);
        code.getstatic(MEMORY, "ORDER", ORDER);
        code.invokestatic(
                vector,
                "fromMemorySegment",
                MethodTypeDesc.of(vector, SPECIES, SEGMENT, ConstantDescs.CD_long, ORDER));
    }

    /// Stores the vector in local `value` at the address in local `address` plus `offset` bytes.
    static void storeVector(
            CodeBuilder code, ClassDesc vector, int value, int address, int offset) {
        code.aload(value);
        code.getstatic(MEMORY, "ALL", SEGMENT);
        at(code, address, offset);
        code.getstatic(MEMORY, "ORDER", ORDER);
        code.invokevirtual(vector, "intoMemorySegment", STORE);
    }

    /// Pushes the operator of `lanewise` that multiplies and adds with one rounding.
    static void pushFma(CodeBuilder code) {
        code.getstatic(OPERATORS, "FMA", TERNARY);
    }

    /// Calls `lanewise` of a vector, an operator and two more vectors: not `fma`, which calls it
    /// from code that all vectors share.
    static void invokeTernary(CodeBuilder code, ClassDesc vector) {
        code.invokevirtual(vector, "lanewise", MethodTypeDesc.of(vector, TERNARY, VECTOR, VECTOR));
    }

    /// Adds the `long` in local `step` to the one in local `address`.
    static void advance(CodeBuilder code, int address, int step) {
        code.lload(address).lload(step).ladd().lstore(address);
    }

    private static void at(CodeBuilder code, int address, int offset) {
        code.lload(address);
        if (offset != 0) {
            code.loadConstant((long) offset).ladd();
        }
    }
}
