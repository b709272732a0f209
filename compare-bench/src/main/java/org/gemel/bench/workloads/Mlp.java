package org.gemel.bench.workloads;

import org.gemel.Tensor;
import org.gemel.nn.Linear;
import org.gemel.nn.Module;

/// A perceptron of three layers, 784-256-128-10, with rectifiers between them.
final class Mlp implements Module {
    private final Linear l1 = new Linear(784, 256);
    private final Linear l2 = new Linear(256, 128);
    private final Linear l3 = new Linear(128, 10);

    @Override
    public Tensor forward(Tensor x) {
        return l3.forward(l2.forward(l1.forward(x).relu()).relu());
    }
}
