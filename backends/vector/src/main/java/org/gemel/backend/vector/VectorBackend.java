package org.gemel.backend.vector;

import java.util.HashSet;
import java.util.Set;
import org.gemel.backend.Backend;
import org.gemel.backend.Kernel;
import org.gemel.backend.Workers;
import org.gemel.backend.vector.Planner.Plan;
import org.gemel.ir.Node;
import org.gemel.ir.Region;
import org.gemel.op.Reduce;

/// The backend that generates kernels over `jdk.incubator.vector`.
///
/// Kernels of regions that differ only in sizes share generated code. Results have the same bits
/// whatever the vector length of the machine and the number of threads.
public final class VectorBackend implements Backend {
    private final Loops loops = new Loops();
    private volatile Workers workers = Workers.ofAllProcessors();

    /// A backend with a thread for each processor.
    public VectorBackend() {}

    @Override
    public String name() {
        return "vector";
    }

    @Override
    public Workers workers() {
        return workers;
    }

    @Override
    public synchronized void threads(int count) {
        Workers before = workers;
        if (before.threads() != count) {
            workers = Workers.of(count);
            before.close();
        }
    }

    Loops loops() {
        return loops;
    }

    @Override
    public Kernel compile(Region region) {
        return switch (region.loop()) {
            case ELEMENTS -> elements(region);
            case ROWS -> rows(region);
            case COLUMNS -> columns(region);
            case CALL -> Calls.compile(this, region);
        };
    }

    private Kernel elements(Region region) {
        Operands operands = Operands.of(region, _ -> false, true);
        return new RunsKernel(this, Planner.plan(region, operands.single()), operands, true);
    }

    private Kernel rows(Region region) {
        Set<Integer> reduced = reduced(region);
        Operands operands = Operands.of(region, reduced::contains, false);
        Plan plan = Planner.plan(region, operands.single());
        return plan.totals().isEmpty()
                ? new RunsKernel(this, plan, operands, false)
                : new RowsKernel(this, plan, operands);
    }

    private Kernel columns(Region region) {
        Set<Integer> reduced = reduced(region);
        Operands operands = Operands.of(region, d -> !reduced.contains(d), false);
        Plan plan = Planner.plan(region, operands.single());
        return new ColumnsKernel(this, plan, operands);
    }

    private static Set<Integer> reduced(Region region) {
        Set<Integer> reduced = new HashSet<>();
        for (Node node : region.graph().nodes()) {
            if (node instanceof Node.Apply(Reduce(_, var axes), _, _, _) && !region.across(node)) {
                reduced.addAll(axes);
            }
        }
        return reduced;
    }
}
