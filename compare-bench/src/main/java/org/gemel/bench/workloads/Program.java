package org.gemel.bench.workloads;

import java.util.List;
import org.gemel.Tensor;

/// A workload's program, started and ready for its next step; the same code in either mode.
public interface Program {
    /// Does one step and returns its result: an output, or the loss of a training step.
    Tensor step();

    /// Goes back to where it began.
    default void restart() {}

    /// All numbers that the steps so far have led to, to be compared between the modes.
    List<Tensor> state();
}
