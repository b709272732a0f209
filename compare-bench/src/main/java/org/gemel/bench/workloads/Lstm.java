package org.gemel.bench.workloads;

import static org.gemel.Gemel.tensor;

import org.gemel.Tensor;
import org.gemel.nn.Cells;
import org.gemel.nn.Linear;
import org.gemel.nn.Module;
import org.gemel.nn.Recurrent;
import org.gemel.optim.Adam;

/// A recurrent classifier of sequences: an LSTM layer of size 128, and a linear one on what it ends
/// with.
final class Lstm implements Module {
    static final Workload INFERENCE =
            Inference.of(
                    "lstm-infer",
                    "LSTM layer of size 128, 64 steps, batch 32, no gradients",
                    0.07666156921,
                    Lstm::new,
                    Lstm::sequences);

    static final Workload TRAINING =
            Training.of(
                    "lstm-train",
                    "LSTM layer of size 128, 64 steps, batch 32, Adam 1e-3",
                    Check.ofLosses(2.317698002, 1.982087970),
                    Lstm::new,
                    parameters -> new Adam(parameters, 1e-3),
                    Lstm::batch);

    private final Recurrent layer = new Recurrent(128, 128, Recurrent.Settings.of(Cells.Kind.LSTM));
    private final Linear out = new Linear(128, 10);

    @Override
    public Tensor forward(Tensor x) {
        return out.forward(layer.forward(x).at(-1));
    }

    static Tensor sequences() {
        return PeerData.tensorOf(1001, -1, 1, 64, 32, 128);
    }

    static Training.Batch batch() {
        return new Training.Batch(sequences(), tensor(PeerData.labels(32, 1002, 10)));
    }
}
