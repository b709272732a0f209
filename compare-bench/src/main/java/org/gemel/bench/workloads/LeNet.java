package org.gemel.bench.workloads;

import static org.gemel.Gemel.tensor;

import org.gemel.Convolution;
import org.gemel.Tensor;
import org.gemel.nn.Conv2d;
import org.gemel.nn.Flatten;
import org.gemel.nn.Linear;
import org.gemel.nn.MaxPool;
import org.gemel.nn.Module;
import org.gemel.optim.Sgd;

/// A small convolutional network for digits, after LeCun et al. (1998).
final class LeNet implements Module {
    static final Workload INFERENCE =
            Inference.of(
                    "lenet-infer",
                    "LeNet, batch 64, 28x28, no gradients",
                    0.05944161031,
                    LeNet::new,
                    LeNet::images);

    static final Workload TRAINING =
            Training.of(
                    "lenet-train",
                    "LeNet, batch 64, 28x28, SGD 0.01 with momentum",
                    Check.ofLosses(2.286159992, 2.269944907),
                    LeNet::new,
                    parameters -> new Sgd(parameters, 0.01, new Sgd.Settings(0.9, 0, false)),
                    () -> new Training.Batch(images(), tensor(PeerData.labels(64, 1002, 10))));

    private final Conv2d c1 = new Conv2d(1, 6, Convolution.of().padding(2), 5);
    private final Conv2d c2 = new Conv2d(6, 16, 5);
    private final Linear f1 = new Linear(400, 120);
    private final Linear f2 = new Linear(120, 84);
    private final Linear f3 = new Linear(84, 10);
    private final MaxPool pool = new MaxPool(2);
    private final Flatten flatten = new Flatten();

    @Override
    public Tensor forward(Tensor x) {
        x = pool.forward(c1.forward(x).relu());
        x = pool.forward(c2.forward(x).relu());
        x = f1.forward(flatten.forward(x)).relu();
        return f3.forward(f2.forward(x).relu());
    }

    private static Tensor images() {
        return PeerData.tensorOf(1001, 0, 1, 64, 1, 28, 28);
    }
}
