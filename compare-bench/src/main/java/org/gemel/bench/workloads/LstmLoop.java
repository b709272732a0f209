package org.gemel.bench.workloads;

import static org.gemel.Gemel.zeros;

import java.util.List;
import org.gemel.Tensor;
import org.gemel.nn.Linear;
import org.gemel.nn.Module;
import org.gemel.optim.Adam;

/// The classifier of [Lstm] with its cell written out, as a loop over the steps.
final class LstmLoop implements Module {
    static final Workload INFERENCE =
            Inference.of(
                    "lstm-loop-infer",
                    "LSTM cell written out, 64 steps, batch 32, no gradients",
                    0.07307000290,
                    LstmLoop::new,
                    Lstm::sequences);

    static final Workload TRAINING =
            Training.of(
                    "lstm-loop-train",
                    "LSTM cell written out, 64 steps, batch 32, Adam 1e-3",
                    Check.ofLosses(2.319903135, 2.001641750),
                    LstmLoop::new,
                    parameters -> new Adam(parameters, 1e-3),
                    Lstm::batch);

    private final Linear input = new Linear(128, 4 * 128);
    private final Linear state = Linear.withoutBias(128, 4 * 128);
    private final Linear out = new Linear(128, 10);

    @Override
    public Tensor forward(Tensor x) {
        int batch = x.shape().dim(1);
        Tensor h = zeros(batch, 128);
        Tensor c = zeros(batch, 128);
        for (int t = 0; t < x.shape().dim(0); t++) {
            List<Tensor> gates = input.forward(x.at(t)).add(state.forward(h)).chunk(1, 4);
            Tensor kept = gates.get(1).sigmoid().mul(c);
            c = kept.add(gates.get(0).sigmoid().mul(gates.get(2).tanh()));
            h = gates.get(3).sigmoid().mul(c.tanh());
        }
        return out.forward(h);
    }
}
