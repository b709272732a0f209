package org.gemel.tracer;

import static org.gemel.Gemel.noGrad;
import static org.gemel.Gemel.tensor;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.gemel.DType;
import org.gemel.GemelException;
import org.gemel.Grad;
import org.gemel.Key;
import org.gemel.Parameter;
import org.gemel.Slot;
import org.gemel.State;
import org.gemel.Tensor;
import org.gemel.TypeException;
import org.junit.jupiter.api.Test;

class TracerTest {
    private final Tensor x = tensor(1, 2, 3);

    private static void assertTensor(Tensor actual, float... expected) {
        assertArrayEquals(expected, actual.toFloatArray());
    }

    private static String message(Runnable body) {
        return assertThrows(GemelException.class, body::run).getMessage();
    }

    // ---- signatures

    @Test
    void aNewTypeIsTracedAndAKnownOneIsNot() {
        var twice = Tracer.trace((Tensor t) -> t.add(t));
        assertTensor(twice.apply(x), 2, 4, 6);
        assertTensor(twice.apply(tensor(5, 6, 7)), 10, 12, 14);
        assertEquals(1, twice.cache().made());
        assertTensor(twice.apply(tensor(4, 5)), 8, 10);
        assertTensor(twice.apply(x.to(DType.F64)), 2, 4, 6);
        assertTensor(twice.apply(x), 2, 4, 6);
        assertEquals(3, twice.cache().made());
        assertTrue(twice.explain().contains("f32[3]"), twice.explain());
        assertTrue(twice.explain().contains("argument 0"), twice.explain());
    }

    @Test
    void theLeastRecentlyUsedTraceGoesFirst() {
        var negated = Tracer.trace((Tensor t) -> t.neg());
        for (int size = 1; size <= TraceCache.MOST + 1; size++) {
            negated.apply(tensor(new float[size]));
        }
        negated.apply(tensor(new float[2]));
        assertEquals(TraceCache.MOST + 1, negated.cache().made());
        negated.apply(tensor(new float[1]));
        assertEquals(TraceCache.MOST + 2, negated.cache().made());
    }

    @Test
    void functionsOfTwoThreeAndMany() {
        var sub = Tracer.trace((Tensor a, Tensor b) -> a.sub(b));
        assertTensor(sub.apply(x, tensor(1, 1, 1)), 0, 1, 2);
        var fma = Tracer.trace((Tensor a, Tensor b, Tensor c) -> a.mul(b).add(c));
        assertTensor(fma.apply(x, x, x), 2, 6, 12);
        var swap = Tracer.traceAll(all -> List.of(all.get(1), all.get(0)));
        assertTensor(swap.apply(List.of(x, tensor(9))).getFirst(), 9);
    }

    @Test
    void aNestedTracedFunctionIsPartOfTheOuterOne() {
        var inner = Tracer.trace((Tensor t) -> t.exp());
        var outer = Tracer.trace((Tensor t) -> inner.apply(t).log());
        assertEquals(2, outer.apply(tensor(2)).item(), 1e-6);
        assertEquals(0, inner.cache().made());
    }

    @Test
    void aKeyOfRandomNumbersIsAnArgumentLikeATensor() {
        var noisy = Tracer.traceAll(all -> List.of(new Key(all.get(0)).uniform(3)));
        for (int seed = 0; seed < 3; seed++) {
            Key key = Key.of(seed);
            float[] eager = key.uniform(3).toFloatArray();
            assertTensor(noisy.apply(List.of(key.data())).getFirst(), eager);
        }
        assertEquals(1, noisy.cache().made());
    }

    @Test
    void viewsWithGapsAreRead() {
        var twice = Tracer.trace((Tensor t) -> t.mul(2));
        Tensor matrix = tensor(new float[] {1, 2, 3, 4}, 2, 2);
        assertTensor(twice.apply(matrix.transpose()), 2, 6, 4, 8);
    }

    // ---- captured state

    static final class Holder {
        double factor = 2;
        Tensor offset = tensor(1);
        final List<Integer> powers = new ArrayList<>(List.of(1));

        Tensor apply(Tensor t) {
            Tensor y = t.mul(factor).add(offset);
            for (int power : powers) {
                y = y.mul(power);
            }
            return y;
        }
    }

    @Test
    void capturedJavaStateIsPartOfTheKey() {
        Holder holder = new Holder();
        var traced = Tracer.trace((Tensor t) -> holder.apply(t));
        assertTensor(traced.apply(x), 3, 5, 7);
        holder.factor = 3;
        assertTensor(traced.apply(x), 4, 7, 10);
        holder.offset = tensor(2);
        assertTensor(traced.apply(x), 5, 8, 11);
        holder.powers.set(0, 2);
        assertTensor(traced.apply(x), 10, 16, 22);
        assertTensor(traced.apply(x), 10, 16, 22);
        assertEquals(4, traced.cache().made());
        assertTrue(traced.explain().contains("Holder.factor (was 2.0, is 3.0)"), traced.explain());
    }

    static final class Counter {
        int steps;
        Tensor kept = tensor(0);
        final List<Tensor> history = new ArrayList<>();
    }

    @Test
    void aSideEffectIsRefusedAndTakenBack() {
        Counter counter = new Counter();
        var counting =
                Tracer.trace((Tensor t) -> {
                    counter.steps++;
                    return t;
                });
        String message = message(() -> counting.apply(x));
        assertTrue(message.contains("Counter.steps (was 0, is 1)"), message);
        assertEquals(0, counter.steps);
        assertTensor(Mode.EAGER.call(() -> counting.apply(x)), 1, 2, 3);
        assertEquals(1, counter.steps);
    }

    @Test
    void keepingATensorInJavaIsRefused() {
        Counter counter = new Counter();
        var keeping =
                Tracer.trace((Tensor t) -> {
                    counter.kept = t.add(1);
                    return t;
                });
        assertTrue(message(() -> keeping.apply(x)).contains("Counter.kept"));
        assertTensor(counter.kept, 0);
        var adding =
                Tracer.trace((Tensor t) -> {
                    counter.history.add(t);
                    return t;
                });
        assertTrue(message(() -> adding.apply(x)).contains("the content of"));
    }

    @Test
    void aLeakedTensorSaysWhatHappened() {
        Tensor[] leak = new Tensor[1];
        var careless =
                Tracer.trace((Tensor t) -> {
                    leak[0] = t.add(1);
                    return t;
                });
        assertThrows(GemelException.class, () -> careless.apply(x));
        Tensor leaked = leak[0];
        assertTrue(message(() -> leaked.toFloatArray()).contains("kept in Java"));
        assertThrows(TypeException.class, () -> leaked.add(1));
        assertThrows(TypeException.class, () -> Tracer.trace((Tensor t) -> t.neg()).apply(leaked));
    }

    // ---- state

    @Test
    void statesAreReadAndAssignedInEachCall() {
        for (Mode mode : Mode.values()) {
            State total = new State("total", tensor(0));
            var adding =
                    Tracer.trace((Tensor t) -> {
                        Tensor before = total.value();
                        total.assign(before.add(t));
                        return total.value().mul(10);
                    });
            for (int call = 1; call <= 4; call++) {
                Tensor result = mode.call(() -> adding.apply(tensor(2)));
                assertTensor(result, 20 * call);
                assertTensor(total.value(), 2 * call);
            }
            total.assign(tensor(100));
            assertTensor(mode.call(() -> adding.apply(tensor(2))), 1020);
        }
    }

    @Test
    void aValueTakenOutBeforeAnUpdateStays() {
        State state = new State("state", tensor(1));
        var doubling =
                Tracer.trace((Tensor t) -> {
                    state.assign(state.value().mul(2));
                    return t;
                });
        doubling.apply(x);
        Tensor seen = state.value();
        doubling.apply(x);
        assertTensor(seen, 2);
        assertTensor(state.value(), 4);
    }

    @Test
    void slotsAreFilledAndEmptied() {
        Slot slot = new Slot("slot");
        var toggling =
                Tracer.trace((Tensor t) -> {
                    if (slot.read().isPresent()) {
                        slot.clear();
                        return t;
                    }
                    slot.write(t.add(1));
                    return t.neg();
                });
        for (int round = 0; round < 2; round++) {
            assertTensor(toggling.apply(x), -1, -2, -3);
            assertTensor(slot.read().orElseThrow(), 2, 3, 4);
            assertTensor(toggling.apply(x), 1, 2, 3);
            assertTrue(slot.read().isEmpty());
        }
        assertEquals(2, toggling.cache().made());
    }

    @Test
    void aFailedTraceChangesNothing() {
        State state = new State("state", tensor(1));
        var failing =
                Tracer.trace((Tensor t) -> {
                    state.assign(tensor(9));
                    throw new IllegalStateException("no");
                });
        assertThrows(IllegalStateException.class, () -> failing.apply(x));
        assertTensor(state.value(), 1);
    }

    // ---- gradients

    private static float[] trained(Mode mode) {
        Parameter w = new Parameter("w", tensor(1, -2, 3));
        var step =
                Tracer.trace((Tensor t) -> {
                    Tensor loss = w.value().mul(t).sub(1).square().mean();
                    loss.backward();
                    noGrad(() -> w.assign(w.value().sub(w.grad().mul(0.1))));
                    w.zeroGrad();
                    return loss;
                });
        mode.run(() -> {
            for (int i = 0; i < 5; i++) {
                step.apply(tensor(1, 2, 3));
            }
        });
        return w.value().toFloatArray();
    }

    @Test
    void aTrainingStepGivesTheSameBitsInEveryMode() {
        float[] eager = trained(Mode.EAGER);
        assertArrayEquals(eager, trained(Mode.TRACED));
        assertArrayEquals(eager, trained(Mode.TRACED_UNOPTIMIZED));
    }

    @Test
    void gradientsThatAreLeftAccumulate() {
        Parameter w = new Parameter("w", tensor(2));
        var step =
                Tracer.trace((Tensor t) -> {
                    w.value().mul(t).sum().backward();
                    return t;
                });
        step.apply(tensor(3));
        step.apply(tensor(3));
        step.apply(tensor(3));
        assertTensor(w.grad(), 9);
        assertEquals(2, step.cache().made());
    }

    @Test
    void derivativesInsideOfATraceWork() {
        UnaryOperator<Tensor> cube = t -> t.mul(t).mul(t).sum();
        assertTensor(Tracer.trace(Grad.grad(cube)).apply(x), 3, 12, 27);
    }

    @Test
    void derivativesThroughATraceAreRefusedNotMissed() {
        Parameter w = new Parameter("w", tensor(2));
        var forward = Tracer.trace((Tensor t) -> t.mul(w.value()));
        Tensor y = forward.apply(x);
        assertTensor(y, 2, 4, 6);
        assertTrue(message(() -> y.sum().backward()).contains("keeps no tape"));
        var square = Tracer.trace((Tensor t) -> t.mul(t));
        assertTrue(
                message(() -> square.apply(x.withGrad()).sum().backward())
                        .contains("keeps no tape"));
        var inside =
                Tracer.trace((Tensor t) -> {
                    t.mul(t).sum().backward();
                    return t;
                });
        assertTrue(message(() -> inside.apply(x.withGrad())).contains("withGrad()"));
    }
}
