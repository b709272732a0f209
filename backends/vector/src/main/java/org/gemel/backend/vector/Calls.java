package org.gemel.backend.vector;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.gemel.DType;
import org.gemel.Shape;
import org.gemel.TensorType;
import org.gemel.backend.Kernel;
import org.gemel.backend.Workers;
import org.gemel.ir.Layout;
import org.gemel.ir.Node;
import org.gemel.ir.Region;
import org.gemel.op.ArgReduce;
import org.gemel.op.ArgSort;
import org.gemel.op.CheckIndex;
import org.gemel.op.Concat;
import org.gemel.op.Conv;
import org.gemel.op.Fill;
import org.gemel.op.Gather;
import org.gemel.op.Iota;
import org.gemel.op.MatMul;
import org.gemel.op.MatrixOp;
import org.gemel.op.Movement;
import org.gemel.op.Pad;
import org.gemel.op.Pointwise;
import org.gemel.op.Pool;
import org.gemel.op.Random;
import org.gemel.op.Recurrence;
import org.gemel.op.Reduce;
import org.gemel.op.Scan;
import org.gemel.op.Scatter;

/// Kernels of one operation that is not point-wise.
final class Calls {
    private Calls() {}

    static Kernel compile(VectorBackend backend, Region region) {
        Optional<Node.Apply> product = region.product();
        if (product.isPresent()) {
            return product(backend, region, product.get());
        }
        Node.Apply apply = (Node.Apply) region.graph().outputs().getFirst();
        return switch (apply.op()) {
            case Reduce reduce -> ReduceKernel.of(backend, region, reduce);
            case ArgReduce arg -> new ArgReduceKernel(backend, region, arg);
            case Gather gather -> new GatherKernel(backend, region, gather, apply);
            case Scatter scatter -> new ScatterKernel(backend, region, scatter, apply);
            case Scan scan -> new ScanKernel(backend, region, scan);
            case Recurrence recurrence -> new RecurrenceKernel(backend, region, recurrence, apply);
            case ArgSort sort -> new ArgSortKernel(backend, region, sort);
            case Pad pad -> pad(backend, region, pad, apply.type());
            case Concat concat -> concat(backend, region, concat, apply);
            case Conv conv -> new ConvWeightKernel(backend, region, conv, apply);
            case Pool pool -> new PoolKernel(backend, region, pool, apply);
            case Fill(var type, double value) -> fill(backend, type, value);
            case Iota(var type) -> iota(backend, type);
            case Random(var shape) -> random(backend, shape);
            case CheckIndex check -> check(backend, region, check);
            case MatrixOp matrix -> MatrixKernel.of(backend, region, apply, matrix);
            case Movement movement -> move(backend, region, movement, apply);
            case MatMul _, Pointwise _ ->
                    throw new IllegalArgumentException(
                            "region: expects another loop for " + apply.op());
        };
    }

    private static Kernel product(VectorBackend backend, Region region, Node.Apply apply) {
        return apply.op() instanceof Conv conv
                ? new ConvKernel(backend, region, conv, apply)
                : MatMulKernel.of(backend, region, apply);
    }

    static int inputOf(Region region, Node node) {
        for (int i = 0; i < region.graph().inputs().size(); i++) {
            if (region.graph().inputs().get(i) == node) {
                return i;
            }
        }
        throw new IllegalArgumentException("region: expects operands that are inputs");
    }

    static long[] strides(Layout layout) {
        return layout.strides().stream().mapToLong(Long::longValue).toArray();
    }

    private static Kernel pad(VectorBackend backend, Region region, Pad pad, TensorType type) {
        Shape from = region.graph().inputs().getFirst().type().shape();
        long[] to = type.shape().rowMajorStrides();
        long first = 0;
        for (int d = 0; d < to.length; d++) {
            first += pad.starts().get(d) * to[d];
            to[d] *= pad.steps().get(d);
        }
        int bytes = type.dtype().bytes();
        long offset = first * bytes;
        long[] strides = strides(region.layouts().getFirst());
        return addresses -> {
            Memory.clear(addresses[1], type.bytes());
            if (from.size() > 0) {
                StridedCopy.copy(
                        backend.workers(),
                        bytes,
                        from.dims(),
                        addresses[0],
                        strides,
                        addresses[1] + offset,
                        to);
            }
        };
    }

    private static Kernel concat(
            VectorBackend backend, Region region, Concat concat, Node.Apply apply) {
        int bytes = apply.type().dtype().bytes();
        long[] to = apply.type().shape().rowMajorStrides();
        int[] inputs = apply.inputs().stream().mapToInt(in -> inputOf(region, in)).toArray();
        int output = region.graph().inputs().size();
        List<Shape> shapes = apply.inputs().stream().map(in -> in.type().shape()).toList();
        return addresses -> {
            long at = addresses[output];
            for (int i = 0; i < inputs.length; i++) {
                Shape shape = shapes.get(i);
                if (shape.size() > 0) {
                    StridedCopy.copy(
                            backend.workers(),
                            bytes,
                            shape.dims(),
                            addresses[inputs[i]],
                            strides(region.layouts().get(inputs[i])),
                            at,
                            to);
                }
                at += shape.dim(concat.axis()) * to[concat.axis()] * bytes;
            }
        };
    }

    private static Kernel fill(VectorBackend backend, TensorType type, double value) {
        long bits = Fills.bits(type.dtype(), value);
        int bytes = type.dtype().bytes();
        return addresses ->
                backend.workers()
                        .forRange(
                                type.shape().size(),
                                1 << 16,
                                (begin, end) ->
                                        Fills.fill(
                                                type.dtype(),
                                                bits,
                                                addresses[0] + begin * bytes,
                                                end - begin));
    }

    private static Kernel iota(VectorBackend backend, TensorType type) {
        DType dtype = type.dtype();
        return addresses ->
                backend.workers()
                        .forRange(
                                type.shape().size(),
                                1 << 15,
                                (begin, end) -> {
                                    for (long i = begin; i < end; i++) {
                                        long bits =
                                                dtype == DType.I64
                                                        ? i
                                                        : dtype == DType.I32
                                                                ? (int) i
                                                                : Fills.bits(dtype, (double) i);
                                        Fills.set(dtype, addresses[0], i, bits);
                                    }
                                });
    }

    private static Kernel random(VectorBackend backend, Shape shape) {
        return addresses -> {
            long key = addresses[0];
            long step = 8;
            Philox.fillBits(
                    backend.workers(),
                    Memory.getLong(key),
                    Memory.getLong(key + step),
                    0,
                    shape.size(),
                    addresses[1]);
        };
    }

    private static Kernel check(VectorBackend backend, Region region, CheckIndex check) {
        Node.Input input = region.graph().inputs().getFirst();
        Kernel copy = copy(backend, region, input.type().shape(), 8);
        long size = input.type().shape().size();
        return addresses -> {
            copy.run(addresses);
            for (long i = 0; i < size; i++) {
                long at = addresses[1] + 8 * i;
                Memory.setLong(at, check.checked(Memory.getLong(at), i));
            }
        };
    }

    private static Kernel move(
            VectorBackend backend, Region region, Movement movement, Node.Apply apply) {
        Shape from = region.graph().inputs().getFirst().type().shape();
        int bytes = apply.type().dtype().bytes();
        Layout layout = region.layouts().getFirst();
        // A view that offers itself is copied as it is; a reshape of another view in row-major
        // order of its elements, which is that of its own shape.
        Layout here = new Layout(0, layout.strides());
        return here.apply(movement, from)
                .map(view ->
                        moved(
                                backend,
                                apply.type().shape(),
                                strides(view),
                                view.offset() * bytes,
                                bytes))
                .orElseGet(() -> copy(backend, region, from, bytes));
    }

    private static Kernel copy(VectorBackend backend, Region region, Shape shape, int bytes) {
        return moved(backend, shape, strides(region.layouts().getFirst()), 0, bytes);
    }

    private static Kernel moved(
            VectorBackend backend, Shape shape, long[] strides, long offset, int bytes) {
        long[] to = shape.rowMajorStrides();
        int[] dims = shape.dims();
        boolean empty = IntStream.of(dims).anyMatch(dim -> dim == 0);
        return addresses -> {
            if (!empty) {
                Workers workers = backend.workers();
                StridedCopy.copy(
                        workers, bytes, dims, addresses[0] + offset, strides, addresses[1], to);
            }
        };
    }
}
