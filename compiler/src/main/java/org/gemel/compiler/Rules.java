package org.gemel.compiler;

import static org.gemel.compiler.Rule.exact;
import static org.gemel.compiler.Rule.relaxed;

import java.util.List;
import java.util.stream.Stream;

/// The algebra of the optimizer.
///
/// Written as `before -> after`; `c`, `d` are constants. What does not hold for every bit and still
/// looks as if it did: `x + (+0.0) -> x` (turns -0.0 into +0.0), `x - x -> 0` and `x * 0 -> 0`
/// (NaN, infinities), `-(x - y) -> y - x` (the sign of a zero), `relu(abs(x)) -> abs(x)` of
/// integers (the least one has no opposite).
public final class Rules {
    private Rules() {}

    /// Rules that keep every bit of every result, for NaN, infinities, zeros of both signs and
    /// integers that wrap around. (A NaN stays a NaN; which one it is, is not said.)
    public static final List<Rule> EXACT_RULES =
            List.of(
                    // reshape, expand, permute, slice, cast of x -> x if nothing changes
                    exact("identity", MovementRules::identity),
                    // reshape(reshape(x)) -> reshape(x): only the last shape counts
                    exact("reshape of reshape", MovementRules::reshapeOfReshape),
                    // permute(permute(x)) -> permute(x)
                    exact("permute of permute", MovementRules::permuteOfPermute),
                    // expand(expand(x)) -> expand(x)
                    exact("expand of expand", MovementRules::expandOfExpand),
                    // slice(slice(x)) -> slice(x)
                    exact("slice of slice", MovementRules::sliceOfSlice),
                    // cast(cast(x)) -> cast(x) if the first one loses nothing, as f32 to f64
                    exact("cast of lossless cast", MovementRules::castOfLosslessCast),
                    // c + x -> x + c; c * x -> x * c: so that other rules find constants
                    exact("constant to the right", ExactRules::constantToTheRight),
                    // -(-x) -> x: flipping a sign bit twice; integers wrap around twice
                    exact("double negation", ExactRules::doubleNegation),
                    // (x ^ c) ^ c -> x, as in not(not(x))
                    exact("double not", ExactRules::doubleNot),
                    // x * 1, 1 * x, x / 1 -> x
                    exact("unit factor", ExactRules::unitFactor),
                    // x * -1, -1 * x, x / -1 -> -x
                    exact("negative unit factor", ExactRules::negativeUnitFactor),
                    // x - (+0.0), x + (-0.0), (-0.0) + x -> x; any zero of integers
                    exact("neutral summand", ExactRules::neutralSummand),
                    // x + (-y) -> x - y; (-x) + y -> y - x; x - (-y) -> x + y
                    exact("sum with a negation", ExactRules::negatedSummand),
                    // (-x) * (-y) -> x * y; (-x) / (-y) -> x / y of reals
                    exact("product of negations", ExactRules::negatedFactors),
                    // x / c -> x * (1 / c) of reals if c is a power of two: both round the same
                    exact("division by a power of two", ExactRules::divisionByPowerOfTwo),
                    // i * 0, i - i, i ^ i -> 0 of integers and booleans
                    exact("integer zero", ExactRules::integerZero),
                    // (i + c) + d -> i + (c + d), (i * c) * d -> i * (c * d) of integers
                    exact("integer constants together", ExactRules::integerConstants),
                    // where(true, a, b) -> a; where(false, a, b) -> b
                    exact("choice by a constant", ExactRules::constantChoice),
                    // where(c, a, a), max(a, a), min(a, a), a & a, a | a -> a
                    exact("choice between equals", ExactRules::equalChoice),
                    // f(f(x)) -> f(x) for abs, relu, sign, floor, ceil, round
                    exact("idempotent twice", ExactRules::idempotent),
                    // abs(-x) -> abs(x); square(-x), square(abs(x)) -> square(x)
                    exact("sign before an even function", ExactRules::evenFunction),
                    // relu(abs(x)), relu(square(x)) -> abs(x), square(x) of reals
                    exact("relu of what is not negative", ExactRules::reluOfNonNegative));

    /// Rules that keep the mathematics. The number is the bound for finite inputs whose
    /// intermediate results neither overflow nor underflow, in units in the last place.
    public static final List<Rule> RELAXED_RULES =
            List.of(
                    // x + 0, 0 + x, x - (-0.0) -> x: wrong for the sign of zero alone
                    relaxed("zero summand", 1, RelaxedRules::zeroSummand),
                    // x * 0 -> 0: wrong for infinite and NaN x, and the sign of zero
                    relaxed("zero factor", 1, RelaxedRules::zeroFactor),
                    // x - x -> 0: wrong for infinite and NaN x
                    relaxed("difference of equals", 0, RelaxedRules::equalDifference),
                    // x / x -> 1: wrong for 0, infinite and NaN x
                    relaxed("quotient of equals", 0, RelaxedRules::equalQuotient),
                    // -(x - y) -> y - x: wrong for the sign of zero alone
                    relaxed("negated difference", 1, RelaxedRules::negatedDifference),
                    // x / c -> x * (1 / c): two roundings of half a unit each instead of one
                    relaxed("division by a constant", 2, RelaxedRules::divisionByConstant),
                    // (x * c) * d -> x * (c * d): two roundings on either side
                    relaxed("constant factors together", 3, RelaxedRules::constantFactors),
                    // (x + c) + d -> x + (c + d): two roundings on either side; units are those of
                    // the largest of |x|, |c|, |d| and the partial sums, as in any sum
                    relaxed("constant summands together", 3, RelaxedRules::constantSummands),
                    // sqrt(square(x)) -> abs(x): the square's rounding is halved by the root
                    relaxed("root of a square", 1, RelaxedRules::rootOfSquare));

    /// All rules, the exact ones first.
    public static List<Rule> all() {
        return Stream.concat(EXACT_RULES.stream(), RELAXED_RULES.stream()).toList();
    }
}
