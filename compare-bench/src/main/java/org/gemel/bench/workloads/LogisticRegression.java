package org.gemel.bench.workloads;

import static org.gemel.Gemel.noGrad;
import static org.gemel.Gemel.tensor;
import static org.gemel.Gemel.zeros;

import java.util.List;
import org.gemel.Parameter;
import org.gemel.Tensor;
import org.gemel.tracer.Traced;

/// A training step of a logistic regression, its update written by hand.
final class LogisticRegression implements Program {
    static final Workload WORKLOAD =
            new StepWorkload(
                    "logreg-train",
                    "logistic regression, 64 features, batch 8, SGD 0.1",
                    Check.ofLosses(0.755711079, 0.282720655),
                    "parameters",
                    LogisticRegression::new);

    private final Parameter w = new Parameter("w", weight());
    private final Parameter b = new Parameter("b", zeros(1));
    private final Tensor x = tensor(PeerData.uniform(8 * 64, 1001, -1, 1), 8, 64);
    private final Tensor y = tensor(PeerData.floats(PeerData.labels(8, 1002, 2)), 8, 1);

    @Traced
    Tensor train(Tensor features, Tensor labels) {
        var loss = features.matmul(w.value()).add(b.value()).binaryCrossEntropyWithLogits(labels);
        loss.backward();
        noGrad(() -> {
            w.assign(w.value().sub(w.grad().mul(0.1)));
            b.assign(b.value().sub(b.grad().mul(0.1)));
        });
        w.zeroGrad();
        b.zeroGrad();
        return loss;
    }

    @Override
    public Tensor step() {
        return train(x, y);
    }

    private static Tensor weight() {
        return tensor(PeerData.scaled(PeerData.uniform(64, 1, -1, 1), 0.125f), 64, 1);
    }

    @Override
    public void restart() {
        w.assign(weight());
        b.assign(zeros(1));
    }

    @Override
    public List<Tensor> state() {
        return List.of(w.value(), b.value());
    }
}
