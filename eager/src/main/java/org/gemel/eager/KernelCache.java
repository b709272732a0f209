package org.gemel.eager;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.gemel.TensorType;
import org.gemel.backend.View;
import org.gemel.ir.Layout;
import org.gemel.op.Op;
import org.jspecify.annotations.Nullable;

/// Compiled programs by operation, input types and layouts. Lookups take no lock and, for one or
/// two inputs that come again, make no garbage.
final class KernelCache {
    private static final int FAST = 1024;

    // Shapes that change all the time must not fill the memory; the code of kernels is shared, so
    // that starting anew is cheap.
    private static final int LIMIT = 16_384;

    private final ConcurrentHashMap<Key, Program> all = new ConcurrentHashMap<>();

    // A direct-mapped front: whoever comes last stays. Entries are immutable, so a race only
    // costs a miss.
    private final @Nullable Entry[] front = new Entry[FAST];

    private record Key(Op op, List<TensorType> types, List<Layout> strides) {}

    private record Entry(
            Op op,
            TensorType a,
            Layout layoutOfA,
            @Nullable TensorType b,
            @Nullable Layout layoutOfB,
            Program program) {}

    @Nullable Program find(Op op, View x) {
        Entry entry = front[slot(op, x)];
        if (entry != null
                && entry.b == null
                && matches(entry.op, op)
                && matches(entry.a, entry.layoutOfA, x)) {
            return entry.program;
        }
        Program program = all.get(key(op, List.of(x)));
        if (program != null) {
            front[slot(op, x)] = new Entry(op, x.type(), x.layout(), null, null, program);
        }
        return program;
    }

    @Nullable Program find(Op op, View x, View y) {
        Entry entry = front[slot(op, x, y)];
        if (entry != null
                && entry.b != null
                && entry.layoutOfB != null
                && matches(entry.op, op)
                && matches(entry.a, entry.layoutOfA, x)
                && matches(entry.b, entry.layoutOfB, y)) {
            return entry.program;
        }
        Program program = all.get(key(op, List.of(x, y)));
        if (program != null) {
            front[slot(op, x, y)] =
                    new Entry(op, x.type(), x.layout(), y.type(), y.layout(), program);
        }
        return program;
    }

    @Nullable Program find(Op op, List<View> views) {
        return all.get(key(op, views));
    }

    void add(Op op, List<View> views, Program program) {
        if (all.size() >= LIMIT) {
            all.clear();
        }
        all.put(key(op, views), program);
    }

    private static int slot(Op op, View x) {
        int hash = op.hashCode() * 31 + x.type().hashCode();
        return (hash ^ (hash >>> 10)) & (FAST - 1);
    }

    private static int slot(Op op, View x, View y) {
        int hash = (op.hashCode() * 31 + x.type().hashCode()) * 31 + y.type().hashCode();
        return (hash ^ (hash >>> 10)) & (FAST - 1);
    }

    private static boolean matches(Op known, Op op) {
        return known == op || known.equals(op);
    }

    private static boolean matches(TensorType type, Layout layout, View view) {
        return (type == view.type() || type.equals(view.type()))
                && (layout == view.layout() || layout.strides().equals(view.layout().strides()));
    }

    private static Key key(Op op, List<View> views) {
        List<TensorType> types = new ArrayList<>(views.size());
        List<Layout> layouts = new ArrayList<>(views.size());
        for (View view : views) {
            types.add(view.type());
            layouts.add(new Layout(0, view.layout().strides()));
        }
        return new Key(op, types, layouts);
    }
}
