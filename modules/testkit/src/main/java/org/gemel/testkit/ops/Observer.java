package org.gemel.testkit.ops;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.gemel.Context;
import org.gemel.DType;
import org.gemel.TensorType;
import org.gemel.op.ArgReduce;
import org.gemel.op.ArgSort;
import org.gemel.op.CheckIndex;
import org.gemel.op.Composite;
import org.gemel.op.Concat;
import org.gemel.op.Conv;
import org.gemel.op.Dense;
import org.gemel.op.Fill;
import org.gemel.op.Gather;
import org.gemel.op.Iota;
import org.gemel.op.MatMul;
import org.gemel.op.MatrixOp;
import org.gemel.op.Movement;
import org.gemel.op.Op;
import org.gemel.op.Pad;
import org.gemel.op.Pointwise;
import org.gemel.op.Pool;
import org.gemel.op.Primitive;
import org.gemel.op.Random;
import org.gemel.op.Recurrence;
import org.gemel.op.Reduce;
import org.gemel.op.Scan;
import org.gemel.op.Scatter;
import org.gemel.testkit.HostTensors;
import org.gemel.testkit.ReferenceInterpreter;
import org.gemel.testkit.Watched;

/// Notes what is computed, by the reference evaluator.
public final class Observer {
    private final Map<String, Applied<Primitive>> primitives = new HashMap<>();
    private final Map<String, Applied<Composite>> composites = new HashMap<>();

    /// An operation and the types of what it was applied to.
    ///
    /// @param op the operation
    /// @param inputs the types of its inputs
    public record Applied<O extends Op>(O op, List<TensorType> inputs) {
        /// Copies the types.
        public Applied {
            inputs = List.copyOf(inputs);
        }
    }

    /// What `row` computes on values of `dtype`, derivatives apart.
    public static Observer of(OpCase row, DType dtype) {
        Observer observer = new Observer();
        List<Dense> inputs =
                row.inputs(dtype, Math.max(row.sizes().smallest(), row.sizes().curved()));
        observer.call(() -> row.call().apply(inputs.stream().map(HostTensors::tensor).toList()));
        return observer;
    }

    /// The primitives that were computed, by name; see [OpNames#of].
    public Map<String, Applied<Primitive>> primitives() {
        return primitives;
    }

    /// The composites that were computed, by label.
    public Map<String, Applied<Composite>> composites() {
        return composites;
    }

    /// Whether every engine must give the bits of the reference.
    ///
    /// Point-wise operations say so themselves; sums and products of floating-point numbers are
    /// rounded as they go by engines, and once by the reference.
    public boolean exact() {
        return primitives.values().stream().allMatch(applied -> exact(applied.op()));
    }

    private static boolean exact(Primitive op) {
        return switch (op) {
            case Pointwise row -> row.ulps() == 0;
            case Reduce reduce ->
                    reduce.kind() == Reduce.Kind.MAX || reduce.kind() == Reduce.Kind.MIN;
            case MatMul _, Conv _, Scatter _ -> false;
            case Pool pool ->
                    switch (pool.kind()) {
                        case MAX, MAX_PLACE, TAKE -> true;
                        case PUT, SUM, SPREAD -> false;
                    };
            case Movement _,
                    ArgReduce _,
                    Gather _,
                    Scan _,
                    Recurrence _,
                    ArgSort _,
                    Pad _,
                    Concat _,
                    Fill _,
                    Iota _,
                    Random _,
                    CheckIndex _,
                    MatrixOp _ ->
                    true;
        };
    }

    /// Runs `body` on the reference evaluator.
    public <T> T call(Supplier<T> body) {
        Watched reference = new Watched(new ReferenceInterpreter(), this::note);
        return new Context(reference, true, null).call(body);
    }

    private void note(Op op, List<TensorType> inputs) {
        switch (op) {
            case Primitive primitive ->
                    primitives.putIfAbsent(OpNames.of(primitive), new Applied<>(primitive, inputs));
            case Composite composite ->
                    composites.putIfAbsent(composite.label(), new Applied<>(composite, inputs));
        }
    }
}
