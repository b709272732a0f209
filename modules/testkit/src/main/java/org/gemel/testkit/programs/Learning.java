package org.gemel.testkit.programs;

import java.util.List;
import java.util.Optional;
import org.gemel.Parameter;
import org.gemel.optim.Adadelta;
import org.gemel.optim.Adagrad;
import org.gemel.optim.Adam;
import org.gemel.optim.Adamax;
import org.gemel.optim.NAdam;
import org.gemel.optim.Optimizer;
import org.gemel.optim.RAdam;
import org.gemel.optim.RmsProp;
import org.gemel.optim.Sgd;

/// What a program does with its weights after it has computed its results.
public enum Learning {
    /// Nothing.
    NONE,
    /// A step of this optimizer, down the sum of the squares of the results.
    SGD,
    /// With what is remembered of former gradients.
    MOMENTUM,
    /// As above.
    ADAM,
    /// As above.
    ADAMW,
    /// As above.
    RMSPROP,
    /// As above.
    ADAGRAD,
    /// As above.
    ADADELTA,
    /// As above.
    ADAMAX,
    /// As above.
    NADAM,
    /// As above.
    RADAM;

    private static final double RATE = 0.01;

    /// An optimizer of these parameters; none if there is nothing to do.
    Optional<Optimizer> optimizer(List<Parameter> all) {
        if (all.isEmpty()) {
            return Optional.empty();
        }
        return switch (this) {
            case NONE -> Optional.empty();
            case SGD -> Optional.of(new Sgd(all, RATE));
            case MOMENTUM -> Optional.of(new Sgd(all, RATE, new Sgd.Settings(0.9, 0.01, true)));
            case ADAM -> Optional.of(new Adam(all, RATE));
            case ADAMW -> Optional.of(new Adam(all, RATE, Adam.Settings.DECOUPLED));
            case RMSPROP -> Optional.of(new RmsProp(all, RATE));
            case ADAGRAD -> Optional.of(new Adagrad(all, RATE));
            case ADADELTA -> Optional.of(new Adadelta(all, RATE));
            case ADAMAX -> Optional.of(new Adamax(all, RATE));
            case NADAM -> Optional.of(new NAdam(all, RATE));
            case RADAM -> Optional.of(new RAdam(all, RATE));
        };
    }
}
