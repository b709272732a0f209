package org.gemel.backend.ffm;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.gemel.DType;
import org.gemel.Shape;
import org.gemel.backend.Backend;
import org.gemel.backend.Kernel;
import org.gemel.backend.Storage;
import org.gemel.ir.Node;
import org.gemel.ir.Region;
import org.gemel.op.Conv;
import org.gemel.op.Windows;

/// A convolution or one of its cotangents by oneDNN, then what follows on the result.
///
/// It is cut into pieces of samples, or of channels of the result, that depend on the type and the
/// machine alone: a sum is always that of one thread. Operands that do not lie densely are copied
/// first, see [Operand].
final class ConvolutionKernel implements Kernel {
    // Below this many multiplications the vector backend is ahead: it need not reorder.
    private static final long SMALLEST = 1 << 20;

    private final Backend rest;
    private final Operand a;
    private final Operand b;
    private final List<Piece> pieces;
    private final long bytes;
    private final int inputs;
    private final int result;
    private final Optional<Epilogue> epilogue;

    /// A piece, and where its operands and its result begin, in bytes.
    private record Piece(DnnConvolution convolution, long a, long b, long c) {}

    private ConvolutionKernel(Engine engine, Region region, Node.Apply apply, List<Piece> pieces) {
        List<Node.Input> from = region.graph().inputs();
        this.rest = engine.rest();
        this.a = Operand.dense(rest, region, from.indexOf(apply.inputs().getFirst()));
        this.b = Operand.dense(rest, region, from.indexOf(apply.inputs().getLast()));
        this.pieces = pieces;
        this.bytes = apply.type().bytes();
        this.inputs = from.size();
        this.result = region.graph().outputs().indexOf(apply);
        this.epilogue = Epilogue.of(rest, region, apply);
    }

    /// The kernel of a region with a convolution that is worth it, if oneDNN has it.
    static Optional<Kernel> of(Engine engine, Region region) {
        for (Node node : region.graph().nodes()) {
            if (node instanceof Node.Apply apply && apply.op() instanceof Conv conv) {
                return engine.convolutions()
                        .filter(_ -> apply.type().dtype() == DType.F32)
                        .filter(_ -> isWorthIt(conv, apply))
                        .flatMap(dnn -> pieces(dnn, engine.processors(), conv, apply))
                        .map(pieces -> new ConvolutionKernel(engine, region, apply, pieces));
            }
        }
        return Optional.empty();
    }

    private static boolean isWorthIt(Conv conv, Node.Apply apply) {
        Shape x = shapes(conv, apply).x;
        Shape weight = shapes(conv, apply).weight;
        long windows = conv.windows().output().stream().reduce(1, Math::multiplyExact);
        boolean plain = conv.windows().before().stream().allMatch(zeros -> zeros >= 0);
        return plain && x.size() > 0 && x.dim(0) * windows * weight.size() >= SMALLEST;
    }

    private record Shapes(Shape x, Shape weight, Shape y) {}

    private static Shapes shapes(Conv conv, Node.Apply apply) {
        Shape first = apply.inputs().getFirst().type().shape();
        Shape second = apply.inputs().getLast().type().shape();
        Shape result = apply.type().shape();
        return switch (conv.kind()) {
            case OUTPUT -> new Shapes(first, second, result);
            case INPUT -> new Shapes(result, second, first);
            case WEIGHT -> new Shapes(first, result, second);
        };
    }

    private static Optional<List<Piece>> pieces(
            Dnn dnn, int processors, Conv conv, Node.Apply apply) {
        Shapes shapes = shapes(conv, apply);
        int samples = shapes.x.dim(0);
        // Of one group, the channels of the result are independent of each other too.
        boolean bySample =
                conv.kind() != Conv.Kind.WEIGHT && (samples >= processors || conv.groups() > 1);
        int all =
                bySample
                        ? samples
                        : conv.groups() > 1
                                ? 1
                                : conv.kind() == Conv.Kind.INPUT
                                        ? shapes.x.dim(1)
                                        : shapes.y.dim(1);
        int count = Math.min(all, processors);
        List<Piece> pieces = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int begin = (int) ((long) all * i / count);
            int end = (int) ((long) all * (i + 1) / count);
            Optional<Piece> piece =
                    bySample
                            ? piece(dnn, conv, shapes, 0, begin, end)
                            : piece(dnn, conv, shapes, 1, begin, end);
            if (piece.isEmpty()) {
                return Optional.empty();
            }
            pieces.add(piece.get());
        }
        return Optional.of(pieces);
    }

    // Samples, or channels of the result.
    private static Optional<Piece> piece(
            Dnn dnn, Conv conv, Shapes shapes, int axis, int begin, int end) {
        int groups = conv.groups();
        boolean samples = axis == 0;
        boolean input = conv.kind() == Conv.Kind.INPUT;
        int count = end - begin;
        long[] x = dims(shapes.x);
        long[] weight = dims(shapes.weight);
        long[] y = dims(shapes.y);
        if (samples) {
            x[0] = count;
            y[0] = count;
        } else if (groups == 1 && input) {
            x[1] = count;
            weight[1] = count;
        } else if (groups == 1) {
            y[1] = count;
            weight[0] = count;
        }
        long ofX = begin * (samples ? stride(shapes.x, 0) : input ? stride(shapes.x, 1) : 0);
        long ofY = begin * (samples ? stride(shapes.y, 0) : input ? 0 : stride(shapes.y, 1));
        long ofWeight = samples ? 0 : begin * stride(shapes.weight, input ? 1 : 0);
        long[] weightStrides = shapes.weight.rowMajorStrides();
        if (groups > 1) {
            weight = grouped(weight, groups);
            weightStrides = Shape.of(ints(weight)).rowMajorStrides();
        }
        Optional<DnnConvolution> made =
                DnnConvolution.of(
                        dnn,
                        conv.kind(),
                        new DnnConvolution.Lie(x, shapes.x.rowMajorStrides()),
                        new DnnConvolution.Lie(weight, weightStrides),
                        new DnnConvolution.Lie(y, shapes.y.rowMajorStrides()),
                        steps(conv.windows()));
        long e = DType.F32.bytes();
        return made.map(c ->
                switch (conv.kind()) {
                    case OUTPUT -> new Piece(c, ofX * e, ofWeight * e, ofY * e);
                    case INPUT -> new Piece(c, ofY * e, ofWeight * e, ofX * e);
                    case WEIGHT -> new Piece(c, ofX * e, ofY * e, ofWeight * e);
                });
    }

    private static long stride(Shape shape, int axis) {
        return shape.rowMajorStrides()[axis];
    }

    private static long[] dims(Shape shape) {
        return Arrays.stream(shape.dims()).asLongStream().toArray();
    }

    private static int[] ints(long[] values) {
        return Arrays.stream(values).mapToInt(Math::toIntExact).toArray();
    }

    // [o, c, ..] as [groups, o / groups, c, ..]
    private static long[] grouped(long[] dims, int groups) {
        long[] grouped = new long[dims.length + 1];
        System.arraycopy(dims, 0, grouped, 1, dims.length);
        grouped[0] = groups;
        grouped[1] = dims[0] / groups;
        return grouped;
    }

    private static Dnn.Steps steps(Windows w) {
        int rank = w.rank();
        long[] after =
                IntStream.range(0, rank)
                        .mapToLong(d ->
                                (w.output().get(d) - 1) * w.stride().get(d)
                                        + (w.kernel().get(d) - 1) * w.dilation().get(d)
                                        + 1
                                        - w.input().get(d)
                                        - w.before().get(d))
                        .toArray();
        return new Dnn.Steps(
                longs(w.stride()),
                w.dilation().stream().mapToLong(gap -> gap - 1).toArray(),
                longs(w.before()),
                after);
    }

    private static long[] longs(List<Integer> values) {
        return values.stream().mapToLong(Integer::longValue).toArray();
    }

    @Override
    public void run(long[] addresses) {
        List<Storage> taken = new ArrayList<>();
        try {
            long left = a.placed(addresses, taken);
            long right = b.placed(addresses, taken);
            long c = result >= 0 ? addresses[inputs + result] : Operand.take(bytes, taken);
            rest.workers()
                    .forRange(
                            pieces.size(),
                            1,
                            (begin, end) -> {
                                for (long i = begin; i < end; i++) {
                                    Piece piece = pieces.get((int) i);
                                    piece.convolution.run(
                                            left + piece.a, right + piece.b, c + piece.c);
                                }
                            });
            epilogue.ifPresent(then -> then.run(addresses, c));
        } finally {
            taken.forEach(Storage::release);
        }
    }
}
