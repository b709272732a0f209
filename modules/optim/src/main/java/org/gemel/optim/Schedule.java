package org.gemel.optim;

import org.gemel.Gemel;
import org.gemel.Tensor;

/// A learning rate as a function of how many steps were made.
///
/// It is written in tensor calls, in f64, and so it is part of a traced step, which is not traced
/// again when the rate changes. The schedules of [Schedules] are PyTorch's in closed form; one's
/// own is best a record, since equal schedules share their kernels.
@FunctionalInterface
public interface Schedule {
    /// The rate of the step that comes after `steps` others.
    ///
    /// @param steps an f64 scalar, from 0
    /// @return an f64 scalar
    Tensor rate(Tensor steps);

    /// The rate of the step that comes after `steps` others, as a number.
    default double at(long steps) {
        return Gemel.noGrad(() -> rate(Rate.number((double) steps)).item());
    }
}
