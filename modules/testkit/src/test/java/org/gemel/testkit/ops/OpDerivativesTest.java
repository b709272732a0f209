package org.gemel.testkit.ops;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.gemel.DType;
import org.gemel.Gemel;
import org.gemel.Tensor;
import org.gemel.op.Composite;
import org.gemel.testkit.GradCheck;
import org.gemel.testkit.HostTensors;
import org.gemel.testkit.Modes;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Every derivative rule against differences, to second order and in all modes.
final class OpDerivativesTest {
    private static final List<Tensor> AT = List.of(Gemel.tensor(new double[] {1, 2, 3}, 3));

    @TestFactory
    Stream<DynamicTest> everyRuleMeetsItsDifferencesToSecondOrder() {
        return OpCases.all().stream()
                .filter(OpCase::differentiable)
                .flatMap(row ->
                        Arrays.stream(Modes.values())
                                .map(mode ->
                                        DynamicTest.dynamicTest(
                                                row + " " + mode, () -> check(row, mode))));
    }

    private static void check(OpCase row, Modes mode) {
        List<Tensor> at =
                row.inputs(DType.F64, row.sizes().curved()).stream()
                        .map(HostTensors::tensor)
                        .toList();
        GradCheck.in(mode).check(curved(row.call()), at);
    }

    // Bent a little, so that second derivatives are not zero.
    private static UnaryOperator<List<Tensor>> curved(UnaryOperator<List<Tensor>> f) {
        return in ->
                f.apply(in).stream()
                        .filter(y -> y.dtype() == DType.F64)
                        .map(y -> y.add(y.square().mul(0.25)))
                        .toList();
    }

    private static Composite square(String name, UnaryOperator<Tensor> slope) {
        return Composite.of(
                name,
                List.of(),
                in -> List.of(in.getFirst().square()),
                p -> p.give(0, () -> p.g().mul(slope.apply(p.x(0)))));
    }

    @Test
    void aWrongRuleIsCaught() {
        Composite wrong = square("wrong", x -> x.mul(1.99));
        GradCheck check = GradCheck.in(Modes.EAGER);
        var error =
                assertThrows(
                        AssertionError.class, () -> check.first(in -> Tensor.apply(wrong, in), AT));
        assertTrue(error.getMessage().startsWith("slope of input 0 at element 0"));
    }

    @Test
    void aWrongSecondDerivativeIsCaught() {
        // The slope is right, but it is cut off from its own derivative.
        Composite cut = square("cut", x -> x.detach().mul(2));
        GradCheck check = GradCheck.in(Modes.EAGER);
        check.first(in -> Tensor.apply(cut, in), AT);
        assertThrows(AssertionError.class, () -> check.second(in -> Tensor.apply(cut, in), AT));
    }
}
