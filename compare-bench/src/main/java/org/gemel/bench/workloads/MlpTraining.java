package org.gemel.bench.workloads;

import static org.gemel.Gemel.tensor;

import java.util.List;
import org.gemel.Tensor;
import org.gemel.optim.Adam;
import org.gemel.tracer.Traced;

/// A training step of the perceptron: forward, backward and update.
final class MlpTraining implements Program {
    static final Workload WORKLOAD =
            new StepWorkload(
                    "mlp-train",
                    "784-256-128-10, batch 64, cross entropy, Adam 1e-3",
                    Check.ofLosses(2.32256675, 1.87472248),
                    "parameters",
                    MlpTraining::new);

    private final Mlp model = PeerData.init(new Mlp());
    private final Adam adam = new Adam(model.parameters(), 1e-3f);
    private final Tensor images = tensor(PeerData.uniform(64 * 784, 1001, 0, 1), 64, 784);
    private final Tensor labels = tensor(PeerData.labels(64, 1002, 10));

    @Traced
    Tensor train(Tensor x, Tensor y) {
        var loss = model.forward(x).crossEntropy(y);
        loss.backward();
        adam.step();
        return loss;
    }

    @Override
    public Tensor step() {
        return train(images, labels);
    }

    @Override
    public void restart() {
        PeerData.init(model);
        adam.reset();
    }

    @Override
    public List<Tensor> state() {
        return model.parameters().stream().map(p -> p.value()).toList();
    }
}
