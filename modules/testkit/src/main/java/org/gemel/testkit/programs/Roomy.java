package org.gemel.testkit.programs;

import org.gemel.GemelException;
import org.gemel.Interpreter;
import org.gemel.TensorType;
import org.gemel.testkit.Watched;

/// Refuses results of more than so many elements before they are computed: the square of a long
/// vector fills the memory of a machine.
final class Roomy {
    private Roomy() {}

    /// An interpreter whose results have at most `most` elements.
    static Interpreter of(Interpreter inner, long most) {
        return new Watched(
                inner,
                (op, inputs) -> {
                    for (TensorType type : op.infer(inputs)) {
                        if (type.shape().size() > most) {
                            throw new GemelException(
                                    "programs: expects at most %,d elements, but %s gives %s; take less"
                                            .formatted(most, op, type));
                        }
                    }
                });
    }
}
