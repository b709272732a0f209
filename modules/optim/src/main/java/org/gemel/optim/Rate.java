package org.gemel.optim;

import org.gemel.DType;
import org.gemel.GemelException;
import org.gemel.Shape;
import org.gemel.State;
import org.gemel.Tensor;
import org.gemel.TensorType;

/// A learning rate that may change between steps: a state, and so no constant of a trace.
///
/// Kept in f64 and rounded once to the dtype of the parameters.
final class Rate {
    private static final TensorType NUMBER = new TensorType(DType.F64, Shape.SCALAR);

    private final State state;

    Rate(double rate) {
        state = new State("learning_rate", number(rate));
    }

    static Tensor number(double value) {
        return Tensor.full(NUMBER, value);
    }

    Tensor value() {
        return state.value();
    }

    void assign(double rate) {
        state.assign(number(checked("learning rate", rate)));
    }

    static double checked(String what, double value) {
        if (!(value >= 0) || Double.isInfinite(value)) {
            throw new GemelException(
                    "optimizer: expects a %s of at least 0, but got %s; 1e-3 is a usual rate"
                            .formatted(what, value));
        }
        return value;
    }

    // A number in [0, 1).
    static double fraction(String what, double value) {
        if (!(value >= 0 && value < 1)) {
            throw new GemelException(
                    "optimizer: expects %s in 0 .. 1, 1 not included, but got %s; 0.9 is usual"
                            .formatted(what, value));
        }
        return value;
    }
}
