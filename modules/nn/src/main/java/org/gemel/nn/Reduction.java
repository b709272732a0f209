package org.gemel.nn;

import org.gemel.Tensor;

/// What becomes of the losses of single elements.
public enum Reduction {
    /// Their mean.
    MEAN,
    /// Their sum.
    SUM,
    /// Nothing: they stay as they are.
    NONE,
    /// Their sum, divided by the size of dimension 0.
    BATCH_MEAN;

    /// The loss from the losses of single elements.
    public Tensor of(Tensor each) {
        return switch (this) {
            case MEAN -> each.mean();
            case SUM -> each.sum();
            case NONE -> each;
            case BATCH_MEAN -> each.sum().div(each.shape().dim(0));
        };
    }
}
