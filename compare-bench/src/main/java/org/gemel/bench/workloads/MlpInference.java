package org.gemel.bench.workloads;

import static org.gemel.Gemel.noGrad;
import static org.gemel.Gemel.tensor;

import java.util.List;
import org.gemel.Tensor;
import org.gemel.tracer.Traced;

/// The perceptron's answer to a batch of 64 images.
final class MlpInference implements Program {
    static final Workload WORKLOAD =
            new StepWorkload(
                    "mlp-infer",
                    "784-256-128-10, batch 64, no gradients",
                    Check.ofFirstStep(0.1101798775, Check::meanAbsolute),
                    "outputs",
                    MlpInference::new);

    private final Mlp model = PeerData.init(new Mlp());
    private final Tensor images = tensor(PeerData.uniform(64 * 784, 1001, 0, 1), 64, 784);
    private Tensor latest = images;

    @Traced
    Tensor answer(Tensor x) {
        return noGrad(() -> model.forward(x));
    }

    @Override
    public Tensor step() {
        latest = answer(images);
        return latest;
    }

    @Override
    public List<Tensor> state() {
        return List.of(latest);
    }
}
