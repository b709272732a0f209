package org.gemel.bench.workloads;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.gemel.Parameter;
import org.gemel.Tensor;
import org.gemel.nn.BatchNorm;
import org.gemel.nn.Module;
import org.gemel.optim.Optimizer;
import org.gemel.tracer.Traced;

/// Training of a classifier on one batch, again and again: forward, backward and update.
final class Training implements Program {
    private final Module model;
    private final Optimizer optimizer;
    private final Tensor input;
    private final Tensor target;

    /// What is learned from.
    ///
    /// @param target the class of each sample, `i64`
    record Batch(Tensor input, Tensor target) {}

    Training(Module model, Function<List<Parameter>, Optimizer> optimizer, Batch batch) {
        this.model = PeerData.init(model);
        this.optimizer = optimizer.apply(model.parameters());
        this.input = batch.input();
        this.target = batch.target();
    }

    /// Steps that `check` judges by their losses; runs when it is named.
    static Workload of(
            String name,
            String title,
            Check check,
            Supplier<Module> model,
            Function<List<Parameter>, Optimizer> optimizer,
            Supplier<Batch> batch) {
        return new StepWorkload(
                name,
                title,
                check,
                "parameters and statistics",
                () -> new Training(model.get(), optimizer, batch.get()),
                false);
    }

    @Traced
    Tensor train(Tensor x, Tensor y) {
        var loss = model.forward(x).crossEntropy(y);
        loss.backward();
        optimizer.step();
        return loss;
    }

    @Override
    public Tensor step() {
        return train(input, target);
    }

    @Override
    public void restart() {
        PeerData.init(model);
        optimizer.reset();
    }

    @Override
    public List<Tensor> state() {
        List<Tensor> state = new ArrayList<>();
        model.parameters().forEach(parameter -> state.add(parameter.value()));
        for (Module module : model.modules()) {
            if (module instanceof BatchNorm norm) {
                state.add(norm.mean.value());
                state.add(norm.variance.value());
            }
        }
        return state;
    }
}
