package org.gemel.bench.workloads;

import static org.gemel.Gemel.noGrad;

import java.util.List;
import java.util.function.Supplier;
import org.gemel.Tensor;
import org.gemel.nn.Module;
import org.gemel.tracer.Traced;

/// A model's answer to one input, again and again.
final class Inference implements Program {
    private final Module model;
    private final Tensor input;
    private Tensor latest;

    Inference(Module model, Tensor input) {
        this.model = PeerData.init(model);
        this.input = input;
        this.latest = input;
        model.training(false);
    }

    /// The answer of `model`, checked by the mean of its absolute values; runs when it is named.
    static Workload of(
            String name,
            String title,
            double expected,
            Supplier<Module> model,
            Supplier<Tensor> input) {
        return new StepWorkload(
                name,
                title,
                Check.ofFirstStep(expected, Check::meanAbsolute),
                "outputs",
                () -> new Inference(model.get(), input.get()),
                false);
    }

    @Traced
    Tensor answer(Tensor x) {
        return noGrad(() -> model.forward(x));
    }

    @Override
    public Tensor step() {
        latest = answer(input);
        return latest;
    }

    @Override
    public List<Tensor> state() {
        return List.of(latest);
    }
}
