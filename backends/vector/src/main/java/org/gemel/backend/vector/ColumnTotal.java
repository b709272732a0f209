package org.gemel.backend.vector;

import java.util.ArrayList;
import java.util.List;
import org.gemel.DType;
import org.gemel.backend.vector.Body.Fold;
import org.gemel.backend.vector.Body.Stage;
import org.gemel.backend.vector.Planner.Plan;
import org.gemel.op.Reduce;

/// A reduction over rows: 64 accumulators for each column, which lie row by row.
///
/// @param lanes the operand with the accumulators
/// @param result the operand that it is written to
/// @param dtype its type
/// @param kind how elements combine
/// @param combine takes one row of accumulators into another
record ColumnTotal(int lanes, int result, DType dtype, Reduce.Kind kind, Loop combine) {
    /// Those of `plan`.
    static List<ColumnTotal> of(VectorBackend backend, Plan plan) {
        List<ColumnTotal> totals = new ArrayList<>();
        for (Stage stage : plan.body().stages()) {
            for (Fold fold : stage.folds()) {
                if (fold.result() < 0) {
                    totals.add(
                            new ColumnTotal(
                                    fold.lanes(),
                                    plan.totals().get(totals.size()),
                                    fold.dtype(),
                                    fold.kind(),
                                    Combine.loop(backend, fold.kind(), fold.dtype())));
                }
            }
        }
        return totals;
    }

    /// Begins `count` accumulators at `address`.
    void begin(long address, long count) {
        Combine.fill(kind, dtype, address, count);
    }

    /// Combines the `used` rows of `n` accumulators at `lanes` pairwise and writes the result.
    void finish(long lanes, long used, long n, long to) {
        long row = n * dtype.bytes();
        long[] both = new long[3];
        for (long s = Reduce.LANES / 2; s >= 1; s /= 2) {
            // Lanes that nothing came to would change nothing.
            long pairs = Math.min(s, used - s);
            if (pairs > 0) {
                both[0] = lanes;
                both[1] = lanes + s * row;
                both[2] = lanes;
                combine.run(both, pairs * n);
            }
        }
        Memory.copy(lanes, to, row);
    }
}
