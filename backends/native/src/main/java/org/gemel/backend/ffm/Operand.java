package org.gemel.backend.ffm;

import java.util.List;
import java.util.Optional;
import org.gemel.Shape;
import org.gemel.TensorType;
import org.gemel.backend.Backend;
import org.gemel.backend.Kernel;
import org.gemel.backend.Storage;
import org.gemel.ir.Graph;
import org.gemel.ir.Layout;
import org.gemel.ir.Node;
import org.gemel.ir.Region;
import org.gemel.op.Reshape;

/// A stack of matrices as a library takes it: rows without gaps between their elements.
///
/// What lies otherwise, transposed for one, is copied first, though a library could multiply it as
/// it is: that may take another path through the library, with other bits, and whether a matrix
/// lies transposed can differ between eager and traced.
///
/// @param input which input of the region it is
/// @param type dtype and own shape
/// @param strides from one matrix to the next along each dimension of the batch, in elements; 0
///   where it is repeated
/// @param lead from one row to the next, in elements
/// @param copy makes the matrices contiguous, if they are not as a library takes them
record Operand(int input, TensorType type, long[] strides, int lead, Optional<Kernel> copy) {
    /// @param whole whether the batch must be one matrix of more rows
    static Operand of(Backend copier, Region region, int input, Shape batch, boolean whole) {
        TensorType type = region.graph().inputs().get(input).type();
        Layout layout = new Layout(0, region.layouts().get(input).strides());
        boolean direct =
                (whole && type.shape().rank() > 2)
                        ? layout.isContiguous(type.shape())
                        : hasPlainRows(type.shape(), layout);
        Layout used = direct ? layout : Layout.contiguous(type.shape());
        Optional<Kernel> copy =
                direct ? Optional.empty() : Optional.of(copier.compile(copying(type, layout)));
        return new Operand(
                input, type, over(batch, type.shape(), used), lead(type.shape(), used), copy);
    }

    /// An operand that is taken without any gaps.
    static Operand dense(Backend copier, Region region, int input) {
        TensorType type = region.graph().inputs().get(input).type();
        Layout layout = new Layout(0, region.layouts().get(input).strides());
        Optional<Kernel> copy =
                layout.isContiguous(type.shape())
                        ? Optional.empty()
                        : Optional.of(copier.compile(copying(type, layout)));
        return new Operand(input, type, new long[0], type.shape().dim(-1), copy);
    }

    /// Where it lies when a kernel runs, which may be in memory of its own.
    ///
    /// @param addresses those of the region's operands
    /// @param taken what the kernel gives back when it is done
    long placed(long[] addresses, List<Storage> taken) {
        long given = addresses[input];
        if (copy.isEmpty()) {
            return given;
        }
        long to = take(type.bytes(), taken);
        copy.get().run(new long[] {given, to});
        return to;
    }

    /// Memory that the kernel gives back when it is done.
    static long take(long bytes, List<Storage> taken) {
        Storage storage = Storage.allocate(Math.max(1, bytes));
        taken.add(storage);
        return storage.address();
    }

    private static boolean hasPlainRows(Shape shape, Layout layout) {
        int rows = shape.dim(-2);
        int columns = shape.dim(-1);
        List<Long> strides = layout.strides();
        long row = strides.get(strides.size() - 2);
        boolean dense = columns == 1 || strides.getLast() == 1;
        return dense && (rows == 1 || (row >= columns && row <= Integer.MAX_VALUE));
    }

    private static int lead(Shape shape, Layout layout) {
        int columns = shape.dim(-1);
        long row = layout.strides().get(layout.strides().size() - 2);
        return shape.dim(-2) == 1 ? columns : Math.toIntExact(row);
    }

    private static long[] over(Shape batch, Shape shape, Layout layout) {
        long[] strides = new long[batch.rank()];
        int extra = batch.rank() - (shape.rank() - 2);
        for (int d = Math.max(0, extra); d < strides.length; d++) {
            strides[d] = shape.dim(d - extra) == 1 ? 0 : layout.strides().get(d - extra);
        }
        return strides;
    }

    private static Region copying(TensorType type, Layout layout) {
        Node.Input input = new Node.Input("x", type);
        Node copy = Node.Apply.of(new Reshape(type.shape()), List.of(input), Optional.empty());
        return new Region(
                Region.Loop.CALL,
                type.shape(),
                new Graph(List.of(input), List.of(copy)),
                List.of(layout));
    }

    /// Where matrix number `cell` of the batch begins, in bytes from the first.
    long offset(Shape batch, long cell) {
        long elements = 0;
        long rest = cell;
        for (int axis = batch.rank() - 1; axis >= 0; axis--) {
            elements += rest % batch.dim(axis) * strides[axis];
            rest /= batch.dim(axis);
        }
        return elements * type.dtype().bytes();
    }
}
