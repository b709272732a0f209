package org.gemel.bench.workloads;

import static org.gemel.Gemel.tensor;

import java.util.List;
import org.gemel.Tensor;
import org.gemel.tracer.Traced;

/// Twenty operations in a row on four elements: what tracing saves by doing them in one go.
final class Chain20 implements Program {
    static final Workload WORKLOAD =
            new StepWorkload(
                    "chain20",
                    "10 times x = x * a; x = x + b, 4 elements",
                    Check.ofFirstStep(-0.8221812, Check::sum),
                    "elements",
                    Chain20::new);

    private final Tensor start = tensor(PeerData.uniform(4, 1, -1, 1));
    private final Tensor a = tensor(PeerData.uniform(4, 2, 0.9, 1.1));
    private final Tensor b = tensor(PeerData.uniform(4, 3, -1, 1));
    private Tensor latest = start;

    @Traced
    Tensor chain(Tensor x, Tensor factor, Tensor summand) {
        for (int i = 0; i < 10; i++) {
            x = x.mul(factor);
            x = x.add(summand);
        }
        return x;
    }

    @Override
    public Tensor step() {
        latest = chain(start, a, b);
        return latest;
    }

    @Override
    public List<Tensor> state() {
        return List.of(latest);
    }
}
