package org.gemel.optim;

import java.util.List;
import java.util.function.UnaryOperator;
import org.gemel.Tensor;

/// An optimizer's formula: what it remembers of each parameter and what a step makes of it.
///
/// All of it is written in tensor calls that become one operation for each parameter.
///
/// @param label the optimizer's name in small letters
/// @param settings what tells formulas of one label apart
/// @param memories what is kept of each parameter, of the parameter's type
/// @param counts whether `scales` reads the step count
/// @param common numbers in f64 that all parameters share and that change from step to step, as
///   they are at the start
/// @param advance the common numbers of this step, from the step count and those of the step before
/// @param scales what all elements have in common in a step, worked out in f64 and rounded to the
///   parameters' dtype
/// @param update the next parameter and memories
record Formula(
        String label,
        Object settings,
        List<Memory> memories,
        boolean counts,
        List<Double> common,
        UnaryOperator<List<Tensor>> advance,
        UnaryOperator<List<Tensor>> scales,
        UnaryOperator<List<Tensor>> update) {

    /// A tensor that is kept for each parameter.
    ///
    /// @param name for messages and printed graphs
    /// @param start what every element is at first
    record Memory(String name, double start) {}

    /// A formula whose scales are the learning rate, and others if they depend on the step count,
    /// from `[rate]` or `[rate, count]`.
    static Formula of(
            String label,
            Object settings,
            List<String> memories,
            boolean counts,
            UnaryOperator<List<Tensor>> scales,
            UnaryOperator<List<Tensor>> update) {
        return new Formula(
                label,
                settings,
                memories.stream().map(name -> new Memory(name, 0)).toList(),
                counts,
                List.of(),
                UnaryOperator.identity(),
                scales,
                update);
    }

    /// `share old + (1 - share) next`: a mean that forgets.
    static Tensor mean(Tensor old, Tensor next, double share) {
        return old.mul(share).add(next.mul(1 - share));
    }

    /// `g`, turned round if the objective is to grow, plus `decay p`.
    static Tensor gradient(Tensor p, Tensor g, double decay, boolean maximize) {
        Tensor downhill = maximize ? g.neg() : g;
        return decay == 0 ? downhill : downhill.add(p.mul(decay));
    }

    /// `base^t` in f64.
    static Tensor power(double base, Tensor t) {
        return Rate.number(base).pow(t);
    }
}
