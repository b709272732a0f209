package org.gemel.backend.vector;

import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;

/// The innermost loop of a matrix product: one tile of C held in registers over one block of k.
///
/// ```
///           b: v vectors, one row of the panel per p
///           |  |
///  rows --- c00 c01       for p: for i: x = broadcast rows[i][p]
///  (heap)   c10 c11                     for j: c[i][j] = x.fma(b[j], c[i][j])
///           ...           every c is one chain of fma in the order of p
/// ```
///
/// Tiles come in all heights and a few widths and in two types, and C2 keeps accumulators in
/// registers only if each is a local variable of its own: so the kernels are generated, one hidden
/// class for each shape at its first use.
///
/// Their size is bounded: C1 gives up when a method needs some 10,000 virtual registers, and one
/// that C1 has compiled without profiling, but cannot compile with it, never reaches C2 and stays a
/// hundred times too slow. Inlined by C1, an access to a segment takes about 160 of them and one to
/// an array far fewer. Hence the chains begin from an array, and there is no second copy of the
/// loop's body for an odd k.
@FunctionalInterface
interface GemmMicroKernel {
    /// Elements between two rows of the packed A, and so the longest block of k: enough for the 3 x
    /// 3 taps of 64 channels. An odd number of cache lines, to spread the rows over the sets of the
    /// first-level cache.
    int ROW_STRIDE = 592;

    /// Products in a trial of a new kernel: few, but for the JIT to see that the loop turns.
    int PRACTICE = 2;

    /// The most vectors in a row of a tile.
    int MAX_VECTORS = 8;

    /// Computes one tile.
    ///
    /// @param rows `float[]` or `double[]`: row i of A begins at `i * ROW_STRIDE`. On the heap,
    ///   because C2 schedules broadcasts from arrays better than from segments (a tenth faster)
    /// @param begin what the chains begin with, a tile in an array like `rows`
    /// @param beginStride elements from one row of `begin` to the next; 0 for equal rows
    /// @param b the address of the first row of the panel of B
    /// @param bStride bytes from one row of the panel to the next
    /// @param c the address of the tile
    /// @param cStride bytes from one row of the tile to the next
    /// @param k how many products to add
    void run(
            Object rows,
            Object begin,
            int beginStride,
            long b,
            long bStride,
            long c,
            long cStride,
            int k);

    /// Rows of the largest tile two vectors wide.
    static int rows(GemmLane lane) {
        // 14 rows would fit into 32 registers, but gain nothing: sizes that are multiples of 8
        // split into 12 and 13 well, and each further height is one more kernel to compile.
        return lane.registers() == 32 ? 13 : 6;
    }

    /// Vectors in a row of the widest tile of `rows` rows: its accumulators, one row of B and an
    /// element of A fit into the registers.
    static int vectors(GemmLane lane, int rows) {
        return Math.min(MAX_VECTORS, (lane.registers() - 1) / (rows + 1));
    }

    /// The kernel for tiles of `rows` rows by `vectors` vectors.
    ///
    /// @param steps how many vectors there are to multiply and add, in all tiles together
    static GemmMicroKernel of(GemmLane lane, int rows, int vectors, double steps) {
        return Known.KERNELS.of(lane, rows, vectors, LargeWork.product(steps));
    }

    /// The kernels made so far.
    final class Known {
        private static final TileKernels<GemmMicroKernel> KERNELS = new TileKernels<>(Known::make);

        private Known() {}

        private static GemmMicroKernel make(GemmLane lane, int rows, int vectors, boolean large) {
            GemmMicroKernel kernel = new Generator(lane, rows, vectors).generate(large);
            if (large) {
                GemmScratch scratch = GemmScratch.ofThread();
                GemmScratch.Arrays a = scratch.arrays(lane);
                long c = scratch.tile();
                long row = (long) vectors * lane.vectorBytes();
                LargeWork.practise(
                        () -> kernel.run(a.rows(), a.zeros(), 0, c, 0, c, row, PRACTICE));
            }
            return kernel;
        }
    }

    /// Writes one kernel.
    final class Generator {
        // The most vectors in a tile whose loop takes two steps a turn. C2 gives up inlining for
        // good at 40,000 nodes (LiveNodeCountInliningCutoff): of 13 rows of two vectors, two steps
        // had 35,000 to 40,200, as much as the process had made it see, and one step has 20,000.
        private static final int MAX_UNROLLED = 24;

        private static final MethodTypeDesc RUN =
                MethodTypeDesc.of(
                        CD_void, CD_Object, CD_Object, CD_int, CD_long, CD_long, CD_long, CD_long,
                        CD_int);
        private static final MethodTypeDesc SCATTERED =
                MethodTypeDesc.of(
                        CD_void,
                        CD_Object,
                        CD_Object,
                        CD_int,
                        CD_long,
                        CD_int.arrayType(),
                        CD_long,
                        CD_long,
                        CD_int);
        private final GemmLane lane;
        private final ClassDesc vector;
        private final int rows;
        private final int vectors;
        private final int[] sums;
        private final int[] panel;
        private final boolean scattered;

        Generator(GemmLane lane, int rows, int vectors) {
            this(lane, rows, vectors, false);
        }

        /// @param scattered whether the rows of the panel lie where a table says
        Generator(GemmLane lane, int rows, int vectors, boolean scattered) {
            this.scattered = scattered;
            this.lane = lane;
            this.vector = lane.vector();
            this.rows = rows;
            this.vectors = vectors;
            this.sums = new int[rows * vectors];
            this.panel = new int[vectors];
        }

        GemmMicroKernel generate(boolean large) {
            String name = name("GemmMicroKernel", large);
            return GemmCode.define(GemmMicroKernel.class, name, RUN, this::emit);
        }

        ConvMicroKernel generateScattered(boolean large) {
            String name = name("ConvMicroKernel", large);
            return GemmCode.define(ConvMicroKernel.class, name, SCATTERED, this::emit);
        }

        private String name(String kind, boolean large) {
            return LargeWork.name(
                    large, "GeneratedLoop" + kind + "_" + lane + "_" + rows + "x" + vectors);
        }

        private void emit(CodeBuilder code) {
            int panelBase = code.parameterSlot(3);
            int bStride = code.parameterSlot(4);
            int c = code.parameterSlot(5);
            int cStride = code.parameterSlot(6);
            int k = code.parameterSlot(7);
            int array = code.allocateLocal(TypeKind.REFERENCE);
            int p = code.allocateLocal(TypeKind.INT);
            int x = code.allocateLocal(TypeKind.REFERENCE);
            int b = scattered ? code.allocateLocal(TypeKind.LONG) : panelBase;
            allocate(code, sums);
            allocate(code, panel);

            begin(code, array);
            code.aload(code.parameterSlot(0)).checkcast(arrayType()).astore(array);

            // C2 does not unroll a loop with this much in it.
            int steps = sums.length > MAX_UNROLLED ? 1 : 2;
            code.iconst_0().istore(p);
            Label turn = code.newBoundLabel();
            Label end = code.newLabel();
            for (int ahead = 0; ahead < steps; ahead++) {
                code.iload(p);
                if (ahead != 0) {
                    code.loadConstant(ahead).iadd();
                }
                code.iload(k).if_icmpge(end);
                row(code, p, ahead, b);
                step(code, array, p, ahead, x, b);
                next(code, b, bStride);
            }
            code.iinc(p, steps).goto_(turn);
            code.labelBinding(end);

            for (int i = 0; i < rows; i++) {
                for (int v = 0; v < vectors; v++) {
                    int sum = sums[i * vectors + v];
                    tell(code, sum);
                    GemmCode.storeVector(code, vector, sum, c, v * lane.vectorBytes());
                }
                GemmCode.advance(code, c, cStride);
            }
            code.return_();
        }

        // Where a table says where row p + ahead is: finds it.
        private void row(CodeBuilder code, int p, int ahead, int b) {
            if (scattered) {
                code.aload(code.parameterSlot(4)).iload(p);
                if (ahead != 0) {
                    code.loadConstant(ahead).iadd();
                }
                code.iaload().i2l().lload(code.parameterSlot(3)).ladd().lstore(b);
            }
        }

        private void next(CodeBuilder code, int b, int bStride) {
            if (!scattered) {
                GemmCode.advance(code, b, bStride);
            }
        }

        private ClassDesc arrayType() {
            return lane.kind.upperBound().arrayType();
        }

        private void begin(CodeBuilder code, int array) {
            int at = code.allocateLocal(TypeKind.INT);
            code.aload(code.parameterSlot(1)).checkcast(arrayType()).astore(array);
            code.iconst_0().istore(at);
            for (int i = 0; i < rows; i++) {
                for (int v = 0; v < vectors; v++) {
                    GemmCode.species(code, vector);
                    code.aload(array).iload(at);
                    code.loadConstant(v * lane.length).iadd();
                    code.invokestatic(
                            vector,
                            "fromArray",
                            MethodTypeDesc.of(vector, GemmCode.SPECIES, arrayType(), CD_int));
                    code.astore(sums[i * vectors + v]);
                }
                code.iload(at).iload(code.parameterSlot(2)).iadd().istore(at);
            }
        }

        private static void allocate(CodeBuilder code, int[] locals) {
            for (int i = 0; i < locals.length; i++) {
                locals[i] = code.allocateLocal(TypeKind.REFERENCE);
            }
        }

        private void tell(CodeBuilder code, int local) {
            int bits = Byte.SIZE * lane.vectorBytes();
            ExactClass.tellVector(code, lane.type, bits, local);
        }

        private void step(CodeBuilder code, int array, int p, int ahead, int x, int b) {
            for (int v = 0; v < vectors; v++) {
                GemmCode.loadVector(code, vector, b, v * lane.vectorBytes());
                code.astore(panel[v]);
                tell(code, panel[v]);
            }
            for (int i = 0; i < rows; i++) {
                GemmCode.species(code, vector);
                code.aload(array).iload(p);
                int offset = i * ROW_STRIDE + ahead;
                if (offset != 0) {
                    code.loadConstant(offset).iadd();
                }
                code.arrayLoad(lane.kind);
                code.invokestatic(
                        vector,
                        "broadcast",
                        MethodTypeDesc.of(vector, GemmCode.SPECIES, lane.kind.upperBound()));
                code.astore(x);
                for (int v = 0; v < vectors; v++) {
                    int sum = sums[i * vectors + v];
                    code.aload(panel[v]);
                    GemmCode.pushFma(code);
                    code.aload(x).aload(sum);
                    GemmCode.invokeTernary(code, vector);
                    code.astore(sum);
                }
            }
        }
    }
}
