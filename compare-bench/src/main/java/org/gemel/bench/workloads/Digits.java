package org.gemel.bench.workloads;

import static org.gemel.Gemel.key;
import static org.gemel.Gemel.noGrad;

import org.gemel.Tensor;
import org.gemel.nn.Modules;
import org.gemel.optim.Adam;
import org.gemel.tracer.Traced;

/// A perceptron that learns to read digits.
final class Digits {
    private final Mlp model;
    private final Adam adam;

    Digits(long seed) {
        model = Modules.init(new Mlp(), key(seed));
        adam = new Adam(model.parameters(), 1e-3f);
    }

    /// One step of training; returns the loss.
    @Traced
    Tensor train(Tensor images, Tensor labels) {
        var loss = model.forward(images).crossEntropy(labels);
        loss.backward();
        adam.step();
        return loss;
    }

    /// The most likely digit of each image.
    @Traced
    Tensor read(Tensor images) {
        return noGrad(() -> model.forward(images).argmax(1));
    }

    Mlp model() {
        return model;
    }
}
