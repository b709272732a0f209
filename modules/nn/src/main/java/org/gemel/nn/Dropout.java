package org.gemel.nn;

import org.gemel.Gemel;
import org.gemel.GemelException;
import org.gemel.Key;
import org.gemel.Scope;
import org.gemel.State;
import org.gemel.Tensor;

/// Dropout (Srivastava et al., 2014): in training each element is set to zero with a probability,
/// and the others grow so that their mean stays.
///
/// It starts in training. Every call draws anew, from a key that goes on with each; two layers of
/// one seed draw the same.
public final class Dropout implements Module {
    /// Where the next call's random numbers come from, `i64[2]`.
    public final State key;

    private final double p;
    private boolean training = true;

    /// A layer that drops elements with probability `p`.
    public Dropout(double p, Key key) {
        if (!(p >= 0 && p <= 1)) {
            throw new GemelException(
                    "dropout: expects a probability in 0 .. 1, but got %s; 0.5 is usual"
                            .formatted(p));
        }
        this.p = p;
        this.key = new State("key", key.data());
    }

    @Override
    public void training(boolean choice) {
        training = choice;
    }

    @Override
    public Tensor forward(Tensor x) {
        if (!training) {
            return x;
        }
        return Scope.keeping(() -> {
            Key now = new Key(key.value());
            Gemel.noGrad(() -> key.assign(now.fold(0).data()));
            return now.fold(1).dropout(x, p);
        });
    }

    @Override
    public String toString() {
        return "dropout " + p;
    }
}
