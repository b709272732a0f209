package org.gemel.backend.vector;

import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import org.gemel.DType;

/// Transposes one square block of 4- or 8-byte elements in registers, one vector wide and high.
///
/// Stage s = 1, 2, 4 ... exchanges, in each pair of rows i and i + s (where bit s of i is 0), the
/// lanes of the upper row whose bit s is 1 with those of the lower row whose bit s is 0. After
/// log2(length) stages row i holds column i. A third of a cycle per element with 16 lanes, where
/// element by element takes two.
@FunctionalInterface
interface PanelTranspose {
    /// Writes column i of the source as row i of the destination, for every i of a block.
    ///
    /// @param source the address of the block, whose rows are contiguous
    /// @param sourceStride bytes from row to row of the source
    /// @param rows how many rows the source has, at least 1; further ones repeat the last, so that
    ///   nothing beyond them is read
    /// @param destination the address to write to, a whole block
    /// @param destinationStride bytes from row to row of the destination
    void run(long source, long sourceStride, int rows, long destination, long destinationStride);

    /// How many 4-byte elements a block has on each side.
    int INT_LENGTH = IntVector.SPECIES_PREFERRED.length();

    /// How many 8-byte elements a block has on each side.
    int LONG_LENGTH = LongVector.SPECIES_PREFERRED.length();

    /// The transposition of 4-byte elements, [#INT_LENGTH] squared.
    PanelTranspose INTS = new Generator(DType.I32, TypeKind.INT, INT_LENGTH).generate();

    /// The transposition of 8-byte elements, [#LONG_LENGTH] squared.
    PanelTranspose LONGS = new Generator(DType.I64, TypeKind.LONG, LONG_LENGTH).generate();

    /// Lane numbers for the stages, two vectors a stage.
    final class Lanes {
        static final int[] INTS = table(INT_LENGTH, INT_LENGTH * 4);
        static final long[] LONGS = widen(table(LONG_LENGTH, LONG_LENGTH * 8));

        private Lanes() {}

        private static int[] table(int length, int vectorBytes) {
            int[] table = new int[2 * length * length];
            int at = 0;
            for (int s = 1; s < length; s *= 2) {
                for (int lane = 0; lane < length; lane++) {
                    boolean low = (lane & s) == 0;
                    if (Generator.twoSources(vectorBytes)) {
                        table[at + lane] = low ? lane : length + lane - s;
                        table[at + length + lane] = low ? lane + s : length + lane;
                    } else {
                        table[at + lane] = lane ^ s;
                        table[at + length + lane] = low ? 0 : 1;
                    }
                }
                at += 2 * length;
            }
            return table;
        }

        private static long[] widen(int[] table) {
            long[] wide = new long[table.length];
            for (int i = 0; i < table.length; i++) {
                wide[i] = table[i];
            }
            return wide;
        }
    }

    /// Writes the transposition for one element width.
    final class Generator {
        private static final ClassDesc VECTOR = ClassDesc.of("jdk.incubator.vector.Vector");
        private static final ClassDesc MASK = ClassDesc.of(VectorMask.class.getName());
        private static final ClassDesc COMPARISON =
                ClassDesc.of(VectorOperators.Comparison.class.getName());
        private static final ClassDesc OPERATORS = ClassDesc.of(VectorOperators.class.getName());
        private static final ClassDesc LANES = ClassDesc.of(Lanes.class.getName());

        private final DType type;
        private final TypeKind kind;
        private final int length;
        private final boolean twoSources;
        private final ClassDesc vector;

        Generator(DType type, TypeKind kind, int length) {
            this.type = type;
            this.kind = kind;
            this.length = length;
            this.twoSources = twoSources(length * type.bytes());
            this.vector = VectorCode.vector(type);
        }

        /// Whether one instruction picks lanes from two vectors; otherwise picking takes a
        /// rearrangement and a blend.
        static boolean twoSources(int vectorBytes) {
            return vectorBytes == 64;
        }

        PanelTranspose generate() {
            MethodTypeDesc run =
                    MethodTypeDesc.of(CD_void, CD_long, CD_long, CD_int, CD_long, CD_long);
            return GemmCode.define(
                    PanelTranspose.class, "GeneratedLoopTranspose" + type, run, this::emit);
        }

        private void emit(CodeBuilder code) {
            int[] rows = load(code);
            int first = code.allocateLocal(TypeKind.REFERENCE);
            int second = code.allocateLocal(TypeKind.REFERENCE);
            int at = 0;
            for (int s = 1; s < length; s *= 2) {
                lanes(code, at);
                keep(code, first);
                lanes(code, at + length);
                if (!twoSources) {
                    code.getstatic(OPERATORS, "NE", COMPARISON);
                    code.loadConstant(0L);
                    code.invokevirtual(
                            vector, "compare", MethodTypeDesc.of(MASK, COMPARISON, CD_long));
                }
                if (twoSources) {
                    keep(code, second);
                } else {
                    code.astore(second);
                }
                for (int i = 0; i < length; i++) {
                    if ((i & s) == 0) {
                        exchange(code, rows, i, i + s, first, second);
                    }
                }
                at += 2 * length;
            }
            for (int i = 0; i < length; i++) {
                GemmCode.storeVector(code, vector, rows[i], code.parameterSlot(3), 0);
                GemmCode.advance(code, code.parameterSlot(3), code.parameterSlot(4));
            }
            code.return_();
        }

        private int[] load(CodeBuilder code) {
            int source = code.parameterSlot(0);
            int[] rows = new int[length];
            for (int i = 0; i < length; i++) {
                rows[i] = code.allocateLocal(TypeKind.REFERENCE);
                GemmCode.loadVector(code, vector, source, 0);
                keep(code, rows[i]);
                Label last = code.newLabel();
                code.iload(code.parameterSlot(2)).loadConstant(i + 1).if_icmple(last);
                GemmCode.advance(code, source, code.parameterSlot(1));
                code.labelBinding(last);
            }
            return rows;
        }

        private void keep(CodeBuilder code, int local) {
            code.astore(local);
            ExactClass.tellVector(code, type, Byte.SIZE * length * type.bytes(), local);
        }

        private void lanes(CodeBuilder code, int at) {
            ClassDesc array = kind.upperBound().arrayType();
            GemmCode.species(code, vector);
            code.getstatic(LANES, kind == TypeKind.INT ? "INTS" : "LONGS", array);
            code.loadConstant(at);
            code.invokestatic(
                    vector,
                    "fromArray",
                    MethodTypeDesc.of(vector, GemmCode.SPECIES, array, ConstantDescs.CD_int));
        }

        private void exchange(
                CodeBuilder code, int[] rows, int upper, int lower, int first, int second) {
            int a = rows[upper];
            int b = rows[lower];
            int low = code.allocateLocal(TypeKind.REFERENCE);
            int high = code.allocateLocal(TypeKind.REFERENCE);
            if (twoSources) {
                MethodTypeDesc pick = MethodTypeDesc.of(vector, VECTOR, VECTOR);
                code.aload(first).aload(a).aload(b);
                code.invokevirtual(vector, "selectFrom", pick);
                keep(code, low);
                code.aload(second).aload(a).aload(b);
                code.invokevirtual(vector, "selectFrom", pick);
                keep(code, high);
            } else {
                MethodTypeDesc pick = MethodTypeDesc.of(vector, VECTOR);
                MethodTypeDesc blend = MethodTypeDesc.of(vector, VECTOR, MASK);
                code.aload(a).aload(first).aload(b);
                code.invokevirtual(vector, "selectFrom", pick).aload(second);
                code.invokevirtual(vector, "blend", blend);
                keep(code, low);
                code.aload(first).aload(a);
                code.invokevirtual(vector, "selectFrom", pick).aload(b).aload(second);
                code.invokevirtual(vector, "blend", blend);
                keep(code, high);
            }
            rows[upper] = low;
            rows[lower] = high;
        }
    }
}
