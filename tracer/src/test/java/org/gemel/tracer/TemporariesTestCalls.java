package org.gemel.tracer;

import java.util.List;
import org.gemel.Tensor;

/// How [TemporariesTest] sees a class that another loader defines.
public interface TemporariesTestCalls {
    /// Calls one of its methods.
    Tensor call(String name, Tensor x, Tensor y);

    /// What its methods have kept.
    List<Tensor> kept();
}
