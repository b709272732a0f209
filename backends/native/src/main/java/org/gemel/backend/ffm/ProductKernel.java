package org.gemel.backend.ffm;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.gemel.DType;
import org.gemel.Shape;
import org.gemel.backend.Backend;
import org.gemel.backend.Kernel;
import org.gemel.backend.Storage;
import org.gemel.ir.Node;
import org.gemel.ir.Region;
import org.gemel.op.MatMul;

/// A batch of matrix products by a library, then what follows on the result.
///
/// Whether a library gets a product depends on its type alone, so that it gets the same one eagerly
/// and traced. Threads share pieces of rows or columns, never a sum. Pieces depend on the type and
/// the machine, not on the number of threads: a library may take another path for another shape.
final class ProductKernel implements Kernel {
    // Below this many multiplications the vector backend is ahead: it need not pack or call.
    private static final long SMALLEST = 32 * 32 * 32;

    // What one thread takes at least: some 20 us of work.
    private static final long PIECE = 1 << 20;

    // Pieces end where the blocks of libraries do.
    private static final int BLOCK = 48;

    private final Backend rest;
    private final Gemm gemm;
    private final DType dtype;
    private final Operand a;
    private final Operand b;
    private final Shape batch;
    private final int m;
    private final int n;
    private final int k;
    private final int step;
    private final int pieces;
    private final int inputs;
    private final int product;
    private final Optional<Epilogue> epilogue;

    private ProductKernel(Engine engine, Gemm gemm, Region region, Node.Apply matmul) {
        Backend rest = engine.rest();
        int processors = engine.processors();
        Shape shape = matmul.type().shape();
        List<Node.Input> from = region.graph().inputs();
        int left = from.indexOf(matmul.inputs().getFirst());
        int right = from.indexOf(matmul.inputs().getLast());
        Shape ofLeft = from.get(left).type().shape();
        Shape ofRight = from.get(right).type().shape();
        // Many matrices times the same one are one matrix with the rows of all.
        boolean whole =
                MatMul.batch(ofRight).size() == 1
                        && MatMul.batch(ofLeft).size() == MatMul.batch(shape).size()
                        && shape.size() / shape.dim(-1) <= Integer.MAX_VALUE;
        this.rest = rest;
        this.gemm = gemm;
        this.dtype = matmul.type().dtype();
        this.batch = whole ? Shape.SCALAR : MatMul.batch(shape);
        this.m = whole ? Math.toIntExact(shape.size() / shape.dim(-1)) : shape.dim(-2);
        this.n = shape.dim(-1);
        this.k = ofLeft.dim(-1);
        this.a = Operand.of(rest, region, left, batch, whole);
        this.b = Operand.of(rest, region, right, batch, false);
        long work = (long) m * n * k;
        long most = batch.size() >= processors ? 1 : Math.clamp(work / PIECE, 1, processors);
        int all = Math.max(m, n);
        this.step = Math.toIntExact(Math.ceilDiv(Math.ceilDiv(all, most), BLOCK) * BLOCK);
        this.pieces = Math.ceilDiv(all, step);
        this.inputs = from.size();
        this.product = region.graph().outputs().indexOf(matmul);
        this.epilogue = Epilogue.of(rest, region, matmul);
    }

    /// The kernel of a region with a product that is worth a call of a library that has one.
    static Optional<Kernel> of(Engine engine, Region region) {
        for (Node node : region.graph().nodes()) {
            if (node instanceof Node.Apply apply && apply.op() instanceof MatMul) {
                return engine.product(apply.type().dtype())
                        .filter(_ -> isWorthACall(apply))
                        .map(gemm -> new ProductKernel(engine, gemm, region, apply));
            }
        }
        return Optional.empty();
    }

    private static boolean isWorthACall(Node.Apply matmul) {
        Shape shape = matmul.type().shape();
        long k = matmul.inputs().getFirst().type().shape().dim(-1);
        long one = shape.dim(-2) * (long) shape.dim(-1) * k;
        // One row or column is a sum of rows: memory sets the pace, and libraries sum otherwise.
        return shape.size() > 0 && one >= SMALLEST && shape.dim(-2) > 1 && shape.dim(-1) > 1;
    }

    @Override
    public void run(long[] addresses) {
        List<Storage> taken = new ArrayList<>();
        try {
            long left = a.placed(addresses, taken);
            long right = b.placed(addresses, taken);
            long c =
                    product >= 0
                            ? addresses[inputs + product]
                            : Operand.take(batch.size() * m * n * dtype.bytes(), taken);
            multiply(left, right, c);
            epilogue.ifPresent(then -> then.run(addresses, c));
        } finally {
            taken.forEach(Storage::release);
        }
    }

    private void multiply(long left, long right, long c) {
        long units = batch.size() * pieces;
        long work = (long) m * n * k / pieces;
        rest.workers()
                .forRange(
                        units,
                        Math.max(1, PIECE / work),
                        (begin, end) -> {
                            for (long unit = begin; unit < end; unit++) {
                                piece(unit / pieces, unit % pieces, left, right, c);
                            }
                        });
    }

    private void piece(long cell, long piece, long left, long right, long c) {
        int all = Math.max(m, n);
        long begin = piece * step;
        long end = Math.min(all, begin + step);
        if (m >= n) {
            rows(cell, left, right, c, begin, end);
        } else {
            columns(cell, left, right, c, begin, end);
        }
    }

    private void rows(long cell, long left, long right, long c, long begin, long end) {
        int bytes = dtype.bytes();
        gemm.multiply(
                (int) (end - begin),
                n,
                k,
                left + a.offset(batch, cell) + begin * a.lead() * bytes,
                right + b.offset(batch, cell),
                c + (cell * m + begin) * n * bytes,
                new Gemm.Leads(a.lead(), b.lead(), n));
    }

    private void columns(long cell, long left, long right, long c, long begin, long end) {
        int bytes = dtype.bytes();
        gemm.multiply(
                m,
                (int) (end - begin),
                k,
                left + a.offset(batch, cell),
                right + b.offset(batch, cell) + begin * bytes,
                c + (cell * m * n + begin) * bytes,
                new Gemm.Leads(a.lead(), b.lead(), n));
    }
}
