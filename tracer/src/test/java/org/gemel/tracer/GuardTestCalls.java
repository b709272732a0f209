package org.gemel.tracer;

import org.gemel.Tensor;

/// What the tests of guards call.
public interface GuardTestCalls {
    /// Settings that no object refers to.
    final class Settings {
        /// What is added.
        public static double shift = 1;

        private Settings() {}
    }

    Tensor scaled(Tensor x);

    Tensor throughOthers(Tensor x);

    Tensor shifted(Tensor x);

    Tensor large(Tensor x);

    Tensor drawn(Tensor x);

    void count();

    void factor(double next);

    void setShift(double next);
}
