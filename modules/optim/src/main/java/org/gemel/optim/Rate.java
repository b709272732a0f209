package org.gemel.optim;

import java.util.List;
import java.util.Optional;
import org.gemel.DType;
import org.gemel.GemelException;
import org.gemel.Shape;
import org.gemel.State;
import org.gemel.Tensor;
import org.gemel.TensorType;
import org.gemel.op.Composite;

/// A learning rate that may change between steps: a state or a function of the step count, and so
/// no constant of a trace.
///
/// Kept in f64 and rounded once to the dtype of the parameters.
final class Rate {
    private static final TensorType NUMBER = new TensorType(DType.F64, Shape.SCALAR);

    private final State state;
    private final Optional<Composite> schedule;

    private Rate(double rate, Optional<Composite> schedule) {
        this.state = new State("learning_rate", number(rate));
        this.schedule = schedule;
    }

    /// A rate that stays until another one is assigned.
    static Rate of(double rate) {
        return new Rate(checked("learning rate", rate), Optional.empty());
    }

    /// A rate that follows a schedule.
    static Rate of(Schedule schedule) {
        Composite rate =
                Composite.opaque(
                        "learning_rate",
                        List.of(schedule),
                        in -> List.of(schedule.rate(in.getFirst())));
        return new Rate(0, Optional.of(rate));
    }

    static Tensor number(double value) {
        return Tensor.full(NUMBER, value);
    }

    boolean scheduled() {
        return schedule.isPresent();
    }

    Tensor value() {
        return state.value();
    }

    /// The rate of the step that comes after `steps` others.
    Tensor value(Tensor steps) {
        return schedule.map(s -> Tensor.apply(s, List.of(steps)).getFirst())
                .orElseGet(state::value);
    }

    void assign(double rate) {
        if (scheduled()) {
            throw new GemelException(
                    "optimizer: expects a learning rate of its own to change it, but it follows a"
                            + " schedule; make the optimizer with a number");
        }
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
