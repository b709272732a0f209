package org.gemel.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import org.gemel.DType;
import org.gemel.Gemel;
import org.gemel.Grad;
import org.gemel.Tensor;
import org.gemel.backend.Counters;
import org.gemel.tracer.Mode;
import org.gemel.tracer.TracedFunction;
import org.gemel.tracer.Tracer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Gradients of a matrix that several products multiply by: in one product of all their rows.
class SharedWeightsTest {
    private static final int STEPS = 5;

    /// A loop that multiplies by the given matrices, one a step.
    enum Loop {
        MATMUL(3) {
            @Override
            Tensor step(Tensor h, Tensor w) {
                return h.matmul(w).tanh();
            }
        },
        LINEAR(3) {
            @Override
            Tensor step(Tensor h, Tensor w) {
                return h.linear(w).tanh();
            }
        },
        WITH_ROWS_ADDED(3) {
            @Override
            Tensor step(Tensor h, Tensor w) {
                return h.linear(w, h).tanh();
            }
        },
        // Of both kinds, and other uses of the matrix besides.
        MIXED(2) {
            @Override
            Tensor step(Tensor h, Tensor w) {
                return h.matmul(w).sin().add(h.linear(w).cos()).add(w.sum()).mul(0.3);
            }
        },
        // So many rows that their gradients are added up.
        MANY_ROWS(64) {
            @Override
            Tensor step(Tensor h, Tensor w) {
                return h.matmul(w).tanh();
            }
        };

        private final int rows;

        Loop(int rows) {
            this.rows = rows;
        }

        abstract Tensor step(Tensor h, Tensor w);

        Tensor run(List<Tensor> weights) {
            Tensor h = random(1, rows, 8);
            for (Tensor w : weights) {
                h = step(h, w);
            }
            return h.square().sum();
        }

        Tensor shared(Tensor w) {
            return run(Collections.nCopies(STEPS, w));
        }
    }

    private static Tensor random(int seed, int... dims) {
        return Gemel.key(seed).uniform(dims).sub(0.5).to(DType.F64);
    }

    @ParameterizedTest
    @EnumSource
    void isTheSumOverTheSteps(Loop loop) {
        Tensor w = random(2, 8, 8);
        List<Tensor> copies = new ArrayList<>();
        for (int i = 0; i < STEPS; i++) {
            copies.add(w.withGrad());
        }
        loop.run(copies).backward();
        Tensor expected = copies.stream().map(Tensor::grad).reduce(Tensor::add).orElseThrow();
        Tensor leaf = w.withGrad();
        loop.shared(leaf).backward();
        assertArrayEquals(expected.toDoubleArray(), leaf.grad().toDoubleArray(), 1e-12);
    }

    @ParameterizedTest
    @EnumSource
    void secondDerivativesFollow(Loop loop) {
        Tensor w = random(2, 8, 8);
        Tensor direction = random(3, 8, 8);
        Function<Tensor, Tensor> gradient = at -> Grad.grad(loop::shared).apply(at);
        double step = 1e-5;
        Tensor ahead = gradient.apply(w.add(direction.mul(step)));
        Tensor behind = gradient.apply(w.sub(direction.mul(step)));
        double[] expected = ahead.sub(behind).div(2 * step).toDoubleArray();
        Tensor found = Grad.grad(at -> gradient.apply(at).mul(direction).sum()).apply(w);
        assertArrayEquals(expected, found.toDoubleArray(), 1e-7);
    }

    @ParameterizedTest
    @EnumSource
    void tracedGivesTheSameBits(Loop loop) {
        Tensor w = random(2, 8, 8);
        double[] eager = Grad.grad(loop::shared).apply(w).toDoubleArray();
        TracedFunction.One traced = Tracer.trace(at -> Grad.grad(loop::shared).apply(at));
        for (Mode mode : List.of(Mode.TRACED, Mode.TRACED_UNOPTIMIZED)) {
            assertArrayEquals(eager, mode.call(() -> traced.apply(w).toDoubleArray()));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"MATMUL", "LINEAR"})
    void takesOneProduct(Loop loop) {
        Tensor leaf = random(2, 8, 8).withGrad();
        List<Tensor> copies = new ArrayList<>();
        for (int i = 0; i < STEPS; i++) {
            copies.add(random(2, 8, 8).withGrad());
        }
        long forShared = kernels(() -> loop.shared(leaf).backward());
        long forCopies = kernels(() -> loop.run(copies).backward());
        // Rows and cotangents put together, and one product, in place of one for each step.
        assertEquals(forCopies - STEPS + 3, forShared);
    }

    private static long kernels(Runnable body) {
        long before = Counters.kernelsLaunched();
        body.run();
        return Counters.kernelsLaunched() - before;
    }
}
