package org.gemel.testkit;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.gemel.DType;
import org.gemel.Shape;
import org.gemel.TensorType;
import org.gemel.backend.Backend;
import org.gemel.ir.Elements;
import org.gemel.ir.Graph;
import org.gemel.ir.Layout;
import org.gemel.ir.Node;
import org.gemel.ir.Region;
import org.gemel.op.Binary;
import org.gemel.op.Cast;
import org.gemel.op.Compare;
import org.gemel.op.Dense;
import org.gemel.op.Logical;
import org.gemel.op.Pointwise;
import org.gemel.op.Samples;
import org.gemel.op.Select;
import org.gemel.op.Unary;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// What every backend must pass: each row of the point-wise tables, on each dtype it takes, at
/// awkward sizes, contiguous, with a scalar that is repeated, and backwards with gaps.
///
/// A backend's test extends it and says which backend.
public abstract class BackendConformance {
    private static final int[] SIZES = {0, 1, 3, 17, 207, 4098};
    private static final int ALIGNMENT = 64;

    /// One row on inputs of some types.
    private record Row(Pointwise op, List<DType> dtypes, List<Samples> samples) {
        @Override
        public String toString() {
            return op + " " + dtypes;
        }
    }

    /// How inputs lie in memory.
    private enum Arrangement {
        CONTIGUOUS,
        LAST_IS_A_SCALAR,
        BACKWARDS_WITH_GAPS
    }

    /// The backend that is tested.
    protected abstract Backend backend();

    /// One test for each row and choice of dtypes.
    @TestFactory
    protected Stream<DynamicTest> rowsMeanWhatTheirReferenceSays() {
        return rows().stream()
                .map(row -> DynamicTest.dynamicTest(row.toString(), () -> check(row)));
    }

    private static List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        for (DType dtype : DType.values()) {
            for (Unary op : Unary.values()) {
                if (op.accepts(dtype)) {
                    rows.add(new Row(op, List.of(dtype), List.of(op.samples())));
                }
            }
            for (Binary op : Binary.values()) {
                if (op.accepts(dtype)) {
                    List<Samples> samples = List.of(op.samples(0), op.samples(1));
                    rows.add(new Row(op, List.of(dtype, dtype), samples));
                }
            }
            for (Compare op : Compare.values()) {
                rows.add(new Row(op, List.of(dtype, dtype), any(2)));
            }
            for (Logical op : Logical.values()) {
                if (!dtype.isFloating()) {
                    rows.add(new Row(op, List.of(dtype, dtype), any(2)));
                }
            }
            rows.add(new Row(Select.WHERE, List.of(DType.BOOL, dtype, dtype), any(3)));
            for (DType to : DType.values()) {
                rows.add(new Row(new Cast(to), List.of(dtype), any(1)));
            }
        }
        return rows;
    }

    private static List<Samples> any(int count) {
        return Collections.nCopies(count, Samples.ANY);
    }

    private void check(Row row) {
        for (int size : SIZES) {
            for (Arrangement arrangement : Arrangement.values()) {
                run(row, size, arrangement);
            }
        }
    }

    private void run(Row row, int size, Arrangement arrangement) {
        SplittableRandom random = new SplittableRandom(size);
        List<Node.Input> nodes = new ArrayList<>();
        List<Layout> layouts = new ArrayList<>();
        List<Dense> values = new ArrayList<>();
        for (int i = 0; i < row.dtypes().size(); i++) {
            boolean scalar =
                    arrangement == Arrangement.LAST_IS_A_SCALAR && i == row.dtypes().size() - 1;
            Shape shape = scalar ? Shape.SCALAR : Shape.of(size);
            TensorType type = new TensorType(row.dtypes().get(i), shape);
            nodes.add(new Node.Input("x" + i, type));
            values.add(HostTensors.random(type, row.samples().get(i), random));
            layouts.add(
                    arrangement == Arrangement.BACKWARDS_WITH_GAPS
                            ? new Layout(2L * Math.max(0, size - 1), List.of(-2L))
                            : Layout.contiguous(shape));
        }
        Node result = Node.Apply.of(row.op(), List.copyOf(nodes), Optional.empty());
        Graph graph = new Graph(nodes, List.of(result));
        // A single scalar input makes the space a scalar.
        Region region = new Region(Region.Loop.ELEMENTS, result.type().shape(), graph, layouts);
        Dense want = row.op().reference(values);
        try (Arena arena = Arena.ofConfined()) {
            long[] addresses = new long[nodes.size() + 1];
            for (int i = 0; i < nodes.size(); i++) {
                addresses[i] = place(values.get(i), layouts.get(i), arena);
            }
            MemorySegment out = allocate(arena, want.type().bytes());
            addresses[nodes.size()] = out.address();
            backend().compile(region).run(addresses);
            compare(row, size, arrangement, want, Elements.read(want.type(), out));
        }
    }

    // Kernels may read to the end of the last vector.
    private static MemorySegment allocate(Arena arena, long bytes) {
        return arena.allocate(Math.ceilDiv(bytes + 1, ALIGNMENT) * ALIGNMENT, ALIGNMENT);
    }

    // Writes `dense` where `layout` says; returns the address of its first element.
    private static long place(Dense dense, Layout layout, Arena arena) {
        TensorType type = dense.type();
        boolean reversed = layout.offset() > 0;
        TensorType whole =
                reversed ? type.with(Shape.of(Math.toIntExact(layout.offset() + 1))) : type;
        MemorySegment memory = allocate(arena, whole.bytes());
        Elements.write(
                reversed ? Dense.gathered(whole, dense, i -> (layout.offset() - i) / 2) : dense,
                memory);
        return memory.address() + layout.offset() * type.dtype().bytes();
    }

    private void compare(Row row, int size, Arrangement arrangement, Dense want, Dense got) {
        DType dtype = want.type().dtype();
        long limit = row.op().ulps();
        for (int i = 0; i < want.size(); i++) {
            boolean same =
                    dtype.isFloating()
                            ? HostTensors.ulps(dtype, want.real(i), got.real(i)) <= limit
                            : want.integer(i) == got.integer(i);
            if (!same) {
                throw new AssertionError(
                        "%s, %d elements, %s: element %d: expects %s, but got %s"
                                .formatted(row, size, arrangement, i, want.real(i), got.real(i)));
            }
        }
    }
}
