package org.gemel.backend.vector;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.gemel.DType;
import org.gemel.Tensor;
import org.gemel.TensorType;
import org.gemel.ir.Graph;
import org.gemel.ir.Lowered;
import org.gemel.ir.Node;
import org.gemel.ir.Partition;
import org.gemel.ir.Recorder;
import org.gemel.ir.Region;
import org.gemel.op.Dense;

/// Runs small programs on a backend, in native memory with guards around every output.
final class Programs implements AutoCloseable {
    private static final long GUARD = 128;
    private static final byte PATTERN = 0x5a;

    private final Arena arena = Arena.ofShared();
    private final VectorBackend backend;
    private final boolean join;
    private final List<Region> compiled = new ArrayList<>();

    Programs(VectorBackend backend, boolean join) {
        this.backend = backend;
        this.join = join;
    }

    /// The loops of the regions that were run last.
    List<Region.Loop> loops() {
        return compiled.stream().map(Region::loop).toList();
    }

    /// What `body` makes of `inputs`.
    List<Dense> run(List<Dense> inputs, UnaryOperator<List<Tensor>> body) {
        Graph graph = Recorder.capture(inputs.stream().map(Dense::type).toList(), body);
        return run(graph, inputs);
    }

    List<Dense> run(Graph graph, List<Dense> inputs) {
        Lowered lowered = Partition.of(graph, join);
        Map<Node, MemorySegment> memory = new HashMap<>();
        for (int i = 0; i < inputs.size(); i++) {
            memory.put(graph.inputs().get(i), write(inputs.get(i)));
        }
        for (Node node : graph.nodes()) {
            if (node instanceof Node.Constant constant) {
                MemorySegment segment = allocate(constant.type());
                MemorySegment.copy(
                        MemorySegment.ofArray(constant.data()),
                        0,
                        segment,
                        GUARD,
                        constant.data().length);
                memory.put(node, segment);
            }
        }
        compiled.clear();
        for (Lowered.Step step : lowered.steps()) {
            compiled.add(step.region());
            List<Long> addresses = new ArrayList<>();
            for (Lowered.Place place : step.inputs()) {
                long bytes = place.base().type().dtype().bytes();
                addresses.add(
                        memory.get(place.base()).address()
                                + GUARD
                                + place.layout().offset() * bytes);
            }
            for (Node output : step.outputs()) {
                MemorySegment segment = allocate(output.type());
                memory.put(output, segment);
                addresses.add(segment.address() + GUARD);
            }
            backend.compile(step.region())
                    .run(addresses.stream().mapToLong(Long::longValue).toArray());
        }
        memory.forEach(Programs::checkGuards);
        List<Dense> results = new ArrayList<>();
        for (int i = 0; i < lowered.outputs().size(); i++) {
            Lowered.Place place = lowered.outputs().get(i);
            results.add(read(graph.outputs().get(i).type(), place, memory.get(place.base())));
        }
        return results;
    }

    private MemorySegment allocate(TensorType type) {
        MemorySegment segment = arena.allocate(type.bytes() + 2 * GUARD, 64);
        return segment.fill(PATTERN);
    }

    private static void checkGuards(Node node, MemorySegment segment) {
        long end = GUARD + node.type().bytes();
        for (long i = 0; i < GUARD; i++) {
            if (segment.get(ValueLayout.JAVA_BYTE, i) != PATTERN
                    || segment.get(ValueLayout.JAVA_BYTE, end + i) != PATTERN) {
                throw new AssertionError(node.type() + ": written outside of its memory");
            }
        }
    }

    private MemorySegment write(Dense dense) {
        MemorySegment segment = allocate(dense.type());
        long address = segment.address() + GUARD;
        DType dtype = dense.type().dtype();
        for (int i = 0; i < dense.size(); i++) {
            long bits = dtype.isFloating() ? Fills.bits(dtype, dense.real(i)) : dense.integer(i);
            Fills.set(dtype, address, i, bits);
        }
        return segment;
    }

    private static Dense read(TensorType type, Lowered.Place place, MemorySegment segment) {
        DType dtype = type.dtype();
        List<Long> strides = place.layout().strides();
        long base = segment.address() + GUARD + place.layout().offset() * dtype.bytes();
        return dtype.isFloating()
                ? Dense.of(type, i -> real(dtype, base, index(type, strides, i)))
                : Dense.ofLongs(type, i -> integer(dtype, base, index(type, strides, i)));
    }

    private static long index(TensorType type, List<Long> strides, int element) {
        long index = 0;
        int rest = element;
        for (int d = type.shape().rank() - 1; d >= 0; d--) {
            index += rest % type.shape().dim(d) * strides.get(d);
            rest /= type.shape().dim(d);
        }
        return index;
    }

    private static double real(DType dtype, long base, long index) {
        return switch (dtype) {
            case F32 -> Memory.getFloat(base + 4 * index);
            case F16, BF16 -> dtype.fromBits(Memory.getShort(base + 2 * index));
            case F64, I32, I64, I8, U8, BOOL -> Memory.getDouble(base + 8 * index);
        };
    }

    private static long integer(DType dtype, long base, long index) {
        return switch (dtype) {
            case I32 -> Memory.getInt(base + 4 * index);
            case I64 -> Memory.getLong(base + 8 * index);
            case I8, U8, BOOL -> dtype.wrap(Memory.getByte(base + index));
            case F32, F64, F16, BF16 -> (long) real(dtype, base, index);
        };
    }

    @Override
    public void close() {
        arena.close();
    }
}
