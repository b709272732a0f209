package org.gemel.backend.vector;

import java.util.ArrayList;
import java.util.List;
import org.gemel.DType;
import org.gemel.Shape;
import org.gemel.backend.Kernel;
import org.gemel.ir.Layout;
import org.gemel.ir.Node;
import org.gemel.ir.Region;
import org.gemel.op.MatMul;
import org.gemel.op.Matrix;
import org.gemel.op.MatrixOp;

/// Linear algebra on many matrices: each is brought to the heap as `double`, computed as the
/// operation says, and written back; the matrices are spread over the threads.
final class MatrixKernel {
    private MatrixKernel() {}

    /// Where the matrices of one input lie.
    private record Source(int slot, DType dtype, Shape shape, long[] strides) {
        static Source of(Region region, Node node) {
            int slot = Calls.inputOf(region, node);
            Layout layout = region.layouts().get(slot);
            return new Source(
                    slot, node.type().dtype(), node.type().shape(), Calls.strides(layout));
        }

        Matrix read(long[] addresses, long which) {
            int rank = shape.rank();
            long offset = 0;
            long rest = which;
            for (int axis = rank - 3; axis >= 0; axis--) {
                offset += rest % shape.dim(axis) * strides[axis];
                rest /= shape.dim(axis);
            }
            Matrix matrix = new Matrix(shape.dim(-2), shape.dim(-1));
            int next = 0;
            for (int i = 0; i < matrix.rows(); i++) {
                for (int j = 0; j < matrix.columns(); j++) {
                    long place = offset + i * strides[rank - 2] + j * strides[rank - 1];
                    matrix.elements()[next++] = element(addresses[slot], place);
                }
            }
            return matrix;
        }

        private double element(long base, long place) {
            return dtype == DType.F32
                    ? Memory.getFloat(base + 4 * place)
                    : Memory.getDouble(base + 8 * place);
        }
    }

    static Kernel of(VectorBackend backend, Region region, Node.Apply apply, MatrixOp op) {
        List<Source> sources = apply.inputs().stream().map(in -> Source.of(region, in)).toList();
        Shape first = apply.inputs().getFirst().type().shape();
        long count = MatMul.batch(first).size();
        long size = apply.type().shape().size();
        long per = count == 0 ? 0 : size / count;
        int output = region.graph().inputs().size();
        boolean narrow = apply.type().dtype() == DType.F32;
        long work = (long) first.dim(-1) * first.dim(-1) * first.dim(-1);
        return addresses ->
                backend.workers()
                        .forRange(
                                count,
                                Math.max(1, 100_000 / Math.max(1, work)),
                                (begin, end) -> {
                                    for (long i = begin; i < end; i++) {
                                        List<Matrix> matrices = new ArrayList<>();
                                        for (Source source : sources) {
                                            matrices.add(source.read(addresses, i));
                                        }
                                        Matrix result = op.compute(matrices, i);
                                        write(result, addresses[output], i * per, narrow);
                                    }
                                });
    }

    private static void write(Matrix result, long base, long place, boolean narrow) {
        double[] elements = result.elements();
        for (int i = 0; i < elements.length; i++) {
            if (narrow) {
                Memory.setFloat(base + 4 * (place + i), (float) elements[i]);
            } else {
                Memory.setDouble(base + 8 * (place + i), elements[i]);
            }
        }
    }
}
