package org.gemel.testkit;

import java.util.List;
import java.util.function.UnaryOperator;
import org.gemel.Tensor;
import org.gemel.tracer.Mode;
import org.gemel.tracer.Tracer;

/// The ways in which one program runs: every numeric test runs in all of them.
public enum Modes {
    /// Operation by operation.
    EAGER(Mode.EAGER),
    /// As a compiled graph.
    TRACED(Mode.TRACED),
    /// As a graph that no pass has changed.
    TRACED_UNOPTIMIZED(Mode.TRACED_UNOPTIMIZED);

    private final Mode mode;

    Modes(Mode mode) {
        this.mode = mode;
    }

    /// `function` as it runs in this mode; traced once for each signature, however often it is
    /// called.
    public UnaryOperator<List<Tensor>> of(UnaryOperator<List<Tensor>> function) {
        var traced = Tracer.traceAll(function);
        return inputs -> mode.call(() -> traced.apply(inputs));
    }

    /// The results of `function` in this mode.
    public List<Tensor> run(UnaryOperator<List<Tensor>> function, List<Tensor> inputs) {
        return of(function).apply(inputs);
    }
}
