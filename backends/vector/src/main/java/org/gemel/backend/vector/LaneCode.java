package org.gemel.backend.vector;

import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import org.gemel.DType;
import org.gemel.backend.vector.Body.Fold;
import org.gemel.backend.vector.VectorCode.Value;
import org.gemel.op.Reduce;

/// Writes what makes one number of the 64 lanes of a reduction: lane l takes in lane l + s for s =
/// 32 down to 1.
///
/// As long as s is a vector's length or more, whole vectors are combined; below, a vector with
/// itself, its lanes moved; and the last two as scalars. No vector is shorter than those of the
/// loop, so that what they share sees one length only; and no lane goes by way of memory, six times
/// there and back.
final class LaneCode {
    private static final ClassDesc MOVES = ClassDesc.of(Moves.class.getName());

    private final VectorCode c;

    LaneCode(VectorCode c) {
        this.c = c;
    }

    /// Where lanes come from: behind [#MOST] times the logarithm of s, the lanes that are s away.
    static final class Moves {
        private static final int MOST = 16;

        static final int[] INTS = new int[4 * MOST];
        static final long[] LONGS = new long[4 * MOST];

        static {
            for (int i = 0; i < INTS.length; i++) {
                INTS[i] = (i % MOST) ^ (1 << (i / MOST));
                LONGS[i] = INTS[i];
            }
        }

        private Moves() {}
    }

    /// Combines the lanes of `fold` in `vectors` and stores the result at its place.
    void combine(Fold fold, Value[] vectors) {
        String operator = LoopCode.operator(fold.kind());
        Value[] left = vectors.clone();
        for (int count = left.length / 2; count >= 1; count /= 2) {
            for (int v = 0; v < count; v++) {
                left[v] = c.binary(operator, left[v], left[v + count]);
            }
        }
        Value one = left[0];
        for (int s = c.lanes() / 2; s >= 2; s /= 2) {
            one = c.binary(operator, one, moved(one, s));
        }
        CodeBuilder code = c.code();
        LoopCode.pushAddress(code, fold.result());
        c.pushLane(one, 0);
        c.pushLane(one, 1);
        scalars(fold);
        ClassDesc scalar = VectorCode.scalar(fold.dtype());
        code.invokestatic(
                VectorMemory.MEMORY,
                "set" + VectorCode.scalarName(fold.dtype()),
                MethodTypeDesc.of(CD_void, CD_long, scalar));
    }

    private Value moved(Value x, int s) {
        boolean real = x.type().isFloating();
        boolean small = x.type().bytes() == Integer.BYTES;
        DType type = small ? DType.I32 : DType.I64;
        ClassDesc vector = VectorCode.vector(type);
        Value from = real ? c.reinterpret(x, type) : x;
        Value moved =
                c.result(
                        type,
                        () -> {
                            ClassDesc array = VectorCode.scalar(type).arrayType();
                            c.species(type);
                            c.code().getstatic(MOVES, small ? "INTS" : "LONGS", array);
                            c.code().loadConstant(Moves.MOST * Integer.numberOfTrailingZeros(s));
                            c.code()
                                    .invokestatic(
                                            vector,
                                            "fromArray",
                                            MethodTypeDesc.of(
                                                    vector, GemmCode.SPECIES, array, CD_int));
                            c.code().aload(from.slot());
                            c.code()
                                    .invokevirtual(
                                            vector,
                                            "selectFrom",
                                            MethodTypeDesc.of(vector, VectorCode.VECTOR));
                        });
        return real ? c.reinterpret(moved, x.type()) : moved;
    }

    // The two numbers on the stack.
    private void scalars(Fold fold) {
        CodeBuilder code = c.code();
        ClassDesc scalar = VectorCode.scalar(fold.dtype());
        switch (fold.kind()) {
            case MAX, MIN ->
                    code.invokestatic(
                            VectorCode.MATH,
                            fold.kind() == Reduce.Kind.MAX ? "max" : "min",
                            MethodTypeDesc.of(scalar, scalar, scalar));
            case SUM -> arithmetic(fold.dtype(), code::fadd, code::dadd, code::iadd, code::ladd);
            case PROD -> arithmetic(fold.dtype(), code::fmul, code::dmul, code::imul, code::lmul);
        }
    }

    private static void arithmetic(
            DType type, Runnable floats, Runnable doubles, Runnable ints, Runnable longs) {
        switch (type) {
            case F32, F16, BF16 -> floats.run();
            case F64 -> doubles.run();
            case I32, I8, U8 -> ints.run();
            case I64, BOOL -> longs.run();
        }
    }
}
