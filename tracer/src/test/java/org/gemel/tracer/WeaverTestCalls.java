package org.gemel.tracer;

import java.io.IOException;
import java.util.List;
import org.gemel.Tensor;

/// What the tests call: not woven itself, so that both class loaders mean the same type.
public interface WeaverTestCalls {
    Tensor instance(Tensor x);

    Tensor ofStatic(Tensor x);

    Tensor ofPrivate(Tensor x);

    Tensor manyKinds(Tensor x, boolean negate, long times, double factor, int[] power);

    List<Tensor> lists(List<Tensor> all);

    Tensor arrays(Tensor... all);

    Pair records(Pair pair);

    void nothing(Tensor x);

    Tensor checked(Tensor x) throws IOException;

    Tensor wrong(Tensor x);

    int runs();

    Tensor counted(int[] numbers, Pair pair);

    Object object(Tensor x);

    /// Two tensors and a number.
    record Pair(Tensor left, Tensor right, int times) {}
}
