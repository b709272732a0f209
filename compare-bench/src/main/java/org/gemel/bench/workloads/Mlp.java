package org.gemel.bench.workloads;

import static org.gemel.Gemel.tensor;

import org.gemel.Tensor;
import org.gemel.nn.Linear;
import org.gemel.nn.Module;
import org.gemel.optim.Adam;

/// A perceptron of three layers, 784-256-128-10, with rectifiers between them.
final class Mlp implements Module {
    static final Workload INFERENCE =
            new StepWorkload(
                    "mlp-infer",
                    "784-256-128-10, batch 64, no gradients",
                    Check.ofFirstStep(0.1101798775, Check::meanAbsolute),
                    "outputs",
                    () -> new Inference(new Mlp(), images()));

    static final Workload TRAINING =
            new StepWorkload(
                    "mlp-train",
                    "784-256-128-10, batch 64, cross entropy, Adam 1e-3",
                    Check.ofLosses(2.32256675, 1.87472248),
                    "parameters",
                    () -> new Training(new Mlp(), ps -> new Adam(ps, 1e-3f), batch()));

    private final Linear l1 = new Linear(784, 256);
    private final Linear l2 = new Linear(256, 128);
    private final Linear l3 = new Linear(128, 10);

    @Override
    public Tensor forward(Tensor x) {
        return l3.forward(l2.forward(l1.forward(x).relu()).relu());
    }

    private static Tensor images() {
        return PeerData.tensorOf(1001, 0, 1, 64, 784);
    }

    private static Training.Batch batch() {
        return new Training.Batch(images(), tensor(PeerData.labels(64, 1002, 10)));
    }
}
