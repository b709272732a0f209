package org.gemel.bench.workloads;

import static org.gemel.Gemel.tensor;

import java.util.List;
import org.gemel.Tensor;
import org.gemel.tracer.Traced;

/// The sum of two vectors of four elements: nothing but the cost of a call.
final class Add4 implements Program {
    static final Workload WORKLOAD =
            new StepWorkload(
                    "add4",
                    "a + b, 4 elements",
                    Check.ofFirstStep(-2.5148234, Check::sum),
                    "elements",
                    Add4::new);

    private final Tensor a = tensor(PeerData.uniform(4, 1, -1, 1));
    private final Tensor b = tensor(PeerData.uniform(4, 2, -1, 1));
    private Tensor latest = a;

    @Traced
    Tensor add(Tensor left, Tensor right) {
        return left.add(right);
    }

    @Override
    public Tensor step() {
        latest = add(a, b);
        return latest;
    }

    @Override
    public List<Tensor> state() {
        return List.of(latest);
    }
}
