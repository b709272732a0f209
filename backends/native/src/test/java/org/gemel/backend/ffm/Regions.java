package org.gemel.backend.ffm;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.gemel.Shape;
import org.gemel.TensorType;
import org.gemel.backend.Backend;
import org.gemel.ir.Elements;
import org.gemel.ir.Layout;
import org.gemel.ir.Node;
import org.gemel.ir.Region;
import org.gemel.op.Dense;

/// Runs regions on backends, always on the same elements, however the inputs lie.
final class Regions {
    private static final int ALIGNMENT = 64;

    private Regions() {}

    /// The outputs of `region`.
    static List<Dense> run(Backend backend, Region region) {
        List<Node.Input> inputs = region.graph().inputs();
        List<Node> outputs = region.graph().outputs();
        try (Arena arena = Arena.ofConfined()) {
            long[] addresses = new long[inputs.size() + outputs.size()];
            for (int i = 0; i < inputs.size(); i++) {
                Layout layout = region.layouts().get(i);
                addresses[i] = place(inputs.get(i).type(), layout, i, arena);
            }
            List<MemorySegment> made = new ArrayList<>();
            for (int i = 0; i < outputs.size(); i++) {
                made.add(memory(outputs.get(i).type().bytes(), arena));
                addresses[inputs.size() + i] = made.get(i).address();
            }
            backend.compile(region).run(addresses);
            List<Dense> results = new ArrayList<>();
            for (int i = 0; i < outputs.size(); i++) {
                results.add(Elements.read(outputs.get(i).type(), made.get(i)));
            }
            return results;
        }
    }

    private static MemorySegment memory(long bytes, Arena arena) {
        return arena.allocate(Math.ceilDiv(bytes + 1, ALIGNMENT) * ALIGNMENT, ALIGNMENT);
    }

    // The same elements however they lie; returns the address of the first.
    private static long place(TensorType type, Layout layout, int seed, Arena arena) {
        SplittableRandom random = new SplittableRandom(seed);
        double[] values = new double[Math.toIntExact(type.shape().size())];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextDouble(-1, 1);
        }
        Shape shape = type.shape();
        double[] placed = new double[2 * values.length + 1];
        for (int i = 0; i < values.length; i++) {
            long at = layout.offset();
            int rest = i;
            for (int axis = shape.rank() - 1; axis >= 0; axis--) {
                at += rest % shape.dim(axis) * layout.strides().get(axis);
                rest /= shape.dim(axis);
            }
            placed[Math.toIntExact(at)] = values[i];
        }
        TensorType whole = type.with(Shape.of(placed.length));
        MemorySegment memory = memory(whole.bytes(), arena);
        Elements.write(Dense.of(whole, i -> placed[i]), memory);
        return memory.address() + layout.offset() * type.dtype().bytes();
    }
}
