package org.gemel.backend.vector;

import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.gemel.DType;

/// The two element types of matrix products: how wide they are, and which bytecode handles them.
enum GemmLane {
    F32(DType.F32, FloatVector.SPECIES_PREFERRED, TypeKind.FLOAT, "Float"),
    F64(DType.F64, DoubleVector.SPECIES_PREFERRED, TypeKind.DOUBLE, "Double");

    /// The type of the elements.
    final DType type;

    /// Bytes of one element.
    final int bytes;

    /// Elements of one vector.
    final int length;

    /// The scalar type on the operand stack.
    final TypeKind kind;

    private final String name;

    GemmLane(DType type, VectorSpecies<?> species, TypeKind kind, String name) {
        this.type = type;
        this.bytes = species.elementSize() / Byte.SIZE;
        this.length = species.length();
        this.kind = kind;
        this.name = name;
    }

    /// The lane of `dtype`, which is one of the two floating-point types that kernels compute in.
    static GemmLane of(DType dtype) {
        return dtype == DType.F32 ? F32 : F64;
    }

    /// `FloatVector` or `DoubleVector`.
    ClassDesc vector() {
        return ClassDesc.of("jdk.incubator.vector." + name + "Vector");
    }

    /// Bytes of one vector.
    int vectorBytes() {
        return bytes * length;
    }

    /// Vector registers of the machine.
    int registers() {
        boolean many = vectorBytes() == 64 || System.getProperty("os.arch").equals("aarch64");
        return many ? 32 : 16;
    }
}
