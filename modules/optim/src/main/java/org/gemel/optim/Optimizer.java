package org.gemel.optim;

/// Changes parameters by their gradients.
///
/// A loop of training is `loss.backward(); optimizer.step();`: a step uses the gradients up, so
/// that none is left to be added to.
public interface Optimizer {
    /// Changes every parameter that has a gradient, and forgets the gradient.
    void step();

    /// Forgets the gradients without a step.
    void zeroGrad();

    /// Forgets what the steps so far have led to: the next is as the first one was. Parameters and
    /// learning rate stay as they are.
    void reset();

    /// Changes the learning rate from the next step on; a traced step is not traced again.
    void learningRate(double rate);
}
