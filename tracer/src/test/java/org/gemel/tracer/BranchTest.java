package org.gemel.tracer;

import static org.gemel.Gemel.noGrad;
import static org.gemel.Gemel.tensor;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
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

/// Functions that look at the values of their tensors.
class BranchTest {
    private static String message(Runnable body) {
        return assertThrows(GemelException.class, body::run).getMessage();
    }

    /// Calls a function with each of `inputs` in each mode, twice over, and compares the bits.
    private static void sameInAllModes(
            Supplier<UnaryOperator<List<Tensor>>> function, List<List<Tensor>> inputs) {
        List<List<double[]>> expected = new ArrayList<>();
        for (Mode mode : Mode.values()) {
            var traced = Tracer.traceAll(function.get());
            List<List<double[]>> got = new ArrayList<>();
            mode.run(() -> {
                for (int round = 0; round < 2; round++) {
                    for (List<Tensor> input : inputs) {
                        got.add(traced.apply(input).stream().map(Tensor::toDoubleArray).toList());
                    }
                }
            });
            if (mode == Mode.EAGER) {
                expected.addAll(got);
            }
            assertEquals(expected.size(), got.size());
            for (int i = 0; i < got.size(); i++) {
                for (int k = 0; k < got.get(i).size(); k++) {
                    assertArrayEquals(expected.get(i).get(k), got.get(i).get(k), mode + " " + i);
                }
            }
        }
    }

    private static List<List<Tensor>> each(Tensor... inputs) {
        return List.of(inputs).stream().map(List::of).toList();
    }

    // ---- branches

    private static List<Tensor> bent(List<Tensor> all) {
        Tensor x = all.getFirst();
        Tensor y = x.exp();
        Tensor z = x.sum().gt(0).toBoolean() ? y.mul(2) : x.neg().add(y);
        return List.of(z.mul(y));
    }

    @Test
    void bothBranchesGiveWhatEagerGives() {
        sameInAllModes(() -> BranchTest::bent, each(tensor(1, 2), tensor(-1, -2), tensor(3, 4)));
    }

    @Test
    void aBranchIsRecordedOnce() {
        var traced =
                Tracer.traceAll(all -> {
                    System.setProperty(
                            "branch.runs", "" + (Integer.getInteger("branch.runs", 0) + 1));
                    return bent(all);
                });
        System.clearProperty("branch.runs");
        for (int round = 0; round < 3; round++) {
            traced.apply(List.of(tensor(1, 2)));
            traced.apply(List.of(tensor(-1, -2)));
        }
        assertEquals(2, Integer.getInteger("branch.runs"));
        assertEquals(1, traced.cache().made());
        String report = traced.explain();
        assertTrue(report.contains("segments     3"), report);
        assertTrue(report.contains("BranchTest.java:"), report);
        assertTrue(report.contains("saw true, false"), report);
    }

    @Test
    void nestedBranchesShareWhatCameBefore() {
        sameInAllModes(
                () ->
                        all -> {
                            Tensor x = all.getFirst();
                            Tensor a = x.square();
                            Tensor b = a.sum(0);
                            if (x.slice(0, 0, 1, 1).gt(0).toBoolean()) {
                                Tensor c = b.sqrt();
                                return x.slice(0, 1, 2, 1).gt(0).toBoolean()
                                        ? List.of(c.add(a), b)
                                        : List.of(a.mul(b));
                            }
                            return x.slice(0, 1, 2, 1).gt(0).toBoolean()
                                    ? List.of(x)
                                    : List.of(a.reshape(1, 2).add(x.exp()));
                        },
                each(tensor(1, 1), tensor(1, -1), tensor(-1, 1), tensor(-1, -1)));
    }

    @Test
    void theSameValueMayBeLookedAtTwiceAndAnArgumentToo() {
        sameInAllModes(
                () ->
                        all -> {
                            Tensor flag = all.get(1);
                            Tensor sum = all.get(0).sum();
                            Tensor y = flag.toBoolean() ? all.get(0) : all.get(0).neg();
                            if (sum.gt(0).toBoolean() && sum.lt(10).toBoolean()) {
                                y = y.mul(sum);
                            }
                            return List.of(
                                    flag.toBoolean() && sum.gt(0).toBoolean() ? y : y.add(1));
                        },
                List.of(
                        List.of(tensor(1, 2), tensor(1)),
                        List.of(tensor(1, 20), tensor(0)),
                        List.of(tensor(-1, -2), tensor(1))));
    }

    // ---- loops

    private static Tensor halved(Tensor x) {
        Tensor y = x;
        while (y.square().sum().gt(1).toBoolean()) {
            y = y.mul(0.5);
        }
        return y;
    }

    @Test
    void loopsOfVaryingLengthShareTheirRounds() {
        var traced = Tracer.trace(BranchTest::halved);
        for (float size : new float[] {8, 1000, 0.5f, 3, 1e6f, 1000}) {
            Tensor x = tensor(size, size / 2);
            float[] eager = Mode.EAGER.call(() -> halved(x)).toFloatArray();
            assertArrayEquals(eager, traced.apply(x).toFloatArray());
        }
        assertEquals(1, traced.cache().made());
    }

    @Test
    void aLongLoopRunsEagerlyAndSaysSo() {
        UnaryOperator<Tensor> counting =
                x -> {
                    Tensor y = x;
                    while (y.gt(0).toBoolean()) {
                        y = y.sub(1);
                    }
                    return y;
                };
        var traced = Tracer.trace(counting);
        assertEquals(0, traced.apply(tensor(5).sum()).item());
        assertEquals(-0.5, traced.apply(tensor(Bounds.LOOKS + 0.5f).sum()).item());
        assertEquals(0, traced.apply(tensor(7).sum()).item());
        assertTrue(traced.explain().contains("1 calls: expects at most"), traced.explain());
        var longFirst = Tracer.trace(counting);
        assertEquals(-0.5, longFirst.apply(tensor(Bounds.LOOKS + 0.5f).sum()).item());
        assertEquals(0, longFirst.apply(tensor(3).sum()).item());
        assertTrue(longFirst.explain().contains("looks at values"), longFirst.explain());
    }

    // ---- numbers

    @Test
    void aNumberIsPartOfTheKey() {
        sameInAllModes(
                () ->
                        all -> {
                            double mean = all.getFirst().mean().item();
                            return List.of(all.getFirst().mul(mean * mean + 1));
                        },
                each(tensor(1, 3), tensor(2, 4), tensor(-0f, 0), tensor(Float.NaN, 1)));
    }

    @Test
    void tooManyNumbersRunEagerlyNeverStale() {
        Parameter w = new Parameter("w", tensor(1));
        var traced =
                Tracer.trace((Tensor x) -> {
                    noGrad(() -> w.assign(w.value().add(1)));
                    return x.mul(x.sum().item());
                });
        for (int i = 1; i <= 2 * Bounds.VALUES; i++) {
            assertArrayEquals(new float[] {i * i, 0}, traced.apply(tensor(i, 0)).toFloatArray());
            assertEquals(i + 1, w.value().item());
        }
        String report = traced.explain();
        assertTrue(report.contains("%d calls".formatted(Bounds.VALUES)), report);
        assertTrue(report.contains("BranchTest.java:"), report);
    }

    @Test
    void wholeTensorsAndShapesThatDependOnValues() {
        sameInAllModes(
                () ->
                        all -> {
                            int count = (int) all.getFirst().gt(0).to(DType.I64).sum().item();
                            float[] elements = all.getFirst().toFloatArray();
                            Tensor head = all.getFirst().slice(0, 0, count, 1);
                            return List.of(head.mul(elements[0]), Tensor.arange(count, DType.F32));
                        },
                each(tensor(1, -3, 2), tensor(2, -4, -1), tensor(-1, -1, -1)));
    }

    @Test
    void printingIsNoLook() {
        var traced =
                Tracer.trace((Tensor x) -> {
                    assertTrue(x.toString().contains("being traced"), x.toString());
                    return x;
                });
        traced.apply(tensor(1));
        assertTrue(traced.explain().contains("1 trace,"), traced.explain());
        assertTrue(!traced.explain().contains("looked"), traced.explain());
    }

    // ---- state

    @Test
    void statesAssignedBeforeAndAfterALook() {
        for (Mode mode : Mode.values()) {
            State total = new State("total", tensor(0));
            State late = new State("late", tensor(10));
            Slot slot = new Slot("slot");
            var step =
                    Tracer.trace((Tensor x) -> {
                        total.assign(total.value().add(x));
                        if (total.value().sum().gt(3).toBoolean()) {
                            late.assign(late.value().add(total.value()));
                            total.assign(tensor(0));
                            slot.write(x);
                        } else if (slot.read().isPresent()) {
                            slot.clear();
                        }
                        return total.value().add(late.value());
                    });
            List<Double> seen = new ArrayList<>();
            mode.run(() -> {
                for (int i = 0; i < 8; i++) {
                    seen.add(step.apply(tensor(1)).item() + (slot.read().isPresent() ? 100 : 0));
                }
            });
            assertEquals(
                    List.of(11.0, 12.0, 13.0, 114.0, 15.0, 16.0, 17.0, 118.0), seen, mode.name());
        }
    }

    @Test
    void randomKeysMoveOnAsInEager() {
        for (Mode mode : Mode.values()) {
            State key = new State("key", Key.of(7).data());
            var draw =
                    Tracer.trace((Tensor x) -> {
                        Tensor noise = new Key(key.value()).uniform(3);
                        key.assign(key.value().add(tensor(1L).to(key.value().dtype())));
                        return noise.mean().gt(0.5).toBoolean()
                                ? noise
                                : new Key(key.value()).uniform(3).neg();
                    });
            List<float[]> got = new ArrayList<>();
            mode.run(() -> {
                for (int i = 0; i < 10; i++) {
                    got.add(draw.apply(tensor(1)).toFloatArray());
                }
            });
            State again = new State("key", Key.of(7).data());
            for (float[] values : got) {
                Tensor noise = new Key(again.value()).uniform(3);
                again.assign(again.value().add(tensor(1L).to(again.value().dtype())));
                Tensor expected =
                        noise.mean().gt(0.5).toBoolean()
                                ? noise
                                : new Key(again.value()).uniform(3).neg();
                assertArrayEquals(expected.toFloatArray(), values, mode.name());
            }
        }
    }

    @Test
    void anExceptionInABranchChangesNothingAndComesAgain() {
        State state = new State("state", tensor(0));
        var strict =
                Tracer.trace((Tensor x) -> {
                    state.assign(state.value().add(1));
                    if (x.sum().lt(0).toBoolean()) {
                        throw new IllegalStateException("negative");
                    }
                    return x.add(state.value());
                });
        for (int round = 0; round < 2; round++) {
            assertThrows(IllegalStateException.class, () -> strict.apply(tensor(-1)));
            assertEquals(round, state.value().item());
            assertEquals(round + 6, strict.apply(tensor(5)).item());
            assertThrows(IllegalStateException.class, () -> strict.apply(tensor(-1)));
        }
    }

    // ---- gradients

    private static float[] trained(Mode mode) {
        Parameter w = new Parameter("w", tensor(1, -2, 3));
        var step =
                Tracer.trace((Tensor t) -> {
                    Tensor hidden = w.value().mul(t).tanh();
                    Tensor loss = hidden.sub(1).square().mean();
                    if (loss.gt(0.5).toBoolean()) {
                        loss = loss.mul(hidden.sum());
                    }
                    loss.backward();
                    boolean large = w.grad().square().sum().gt(0.01).toBoolean();
                    noGrad(() -> w.assign(w.value().sub(w.grad().mul(large ? 0.1 : 0.2))));
                    w.zeroGrad();
                    return loss;
                });
        mode.run(() -> {
            for (int i = 0; i < 12; i++) {
                step.apply(tensor(1, 2, i % 3));
            }
        });
        return w.value().toFloatArray();
    }

    @Test
    void gradientsReachAcrossALook() {
        float[] eager = trained(Mode.EAGER);
        assertArrayEquals(eager, trained(Mode.TRACED));
        assertArrayEquals(eager, trained(Mode.TRACED_UNOPTIMIZED));
        UnaryOperator<Tensor> bent = x -> bent(List.of(x)).getFirst().sum();
        var slope = Tracer.trace(Grad.grad(bent));
        for (Tensor x : List.of(tensor(1, 2), tensor(-1, -2))) {
            float[] expected = Grad.grad(bent).apply(x).toFloatArray();
            assertArrayEquals(expected, slope.apply(x).toFloatArray());
        }
    }

    @Test
    void aTapeFromOutsideIsRefusedAndALeafIsNot() {
        Parameter w = new Parameter("w", tensor(2));
        Tensor outer = w.value().mul(3).sum();
        var walking =
                Tracer.trace((Tensor x) -> {
                    outer.backward();
                    return x;
                });
        assertTrue(message(() -> walking.apply(tensor(1))).contains("detach()"));
        var using = Tracer.trace((Tensor x) -> x.mul(outer));
        assertTrue(message(() -> using.apply(tensor(1))).contains("detach()"));
        Tensor leaf = tensor(5).withGrad();
        var accumulating =
                Tracer.trace((Tensor x) -> {
                    leaf.mul(x).sum().backward();
                    return x;
                });
        for (int i = 1; i < 4; i++) {
            accumulating.apply(tensor(2));
            assertEquals(2 * i, leaf.grad().item());
        }
    }

    private static Tensor slope(Tensor x, UnaryOperator<Tensor> f) {
        Tensor leaf = x.withGrad();
        f.apply(leaf).sum().backward();
        return leaf.grad();
    }

    private static List<Tensor> bentTwice(List<Tensor> all) {
        Tensor x = slope(all.getFirst(), Tensor::square);
        Tensor y = x.amin().gt(0).toBoolean() ? x : x.mul(3);
        Tensor z = slope(y, Tensor::exp).add(slope(y, Tensor::square));
        return List.of(z.sum().gt(9).toBoolean() ? z.neg() : z, x);
    }

    @Test
    void leavesMadeBeforeALookAreTheSameWhenItRunsAgain() {
        sameInAllModes(
                () -> BranchTest::bentTwice,
                each(tensor(1, 2), tensor(-1, -2), tensor(3, 4), tensor(-3, 1)));
        var traced = Tracer.traceAll(BranchTest::bentTwice);
        for (int i = 0; i < 3; i++) {
            traced.apply(List.of(tensor(i, 1)));
            traced.apply(List.of(tensor(-i, -1)));
        }
        assertEquals(1, traced.cache().made(), traced.explain());
    }

    @Test
    void aLeafMadeByTheFunctionIsNoReasonToTraceAgain() {
        UnaryOperator<Tensor> f =
                x -> {
                    Tensor twice = slope(x, leaf -> leaf.mul(leaf));
                    return Grad.checkpoint(in -> List.of(in.getFirst().tanh()), List.of(twice))
                            .getFirst();
                };
        var traced = Tracer.trace(Grad.grad(x -> f.apply(x).sum()));
        for (int i = 0; i < 4; i++) {
            assertArrayEquals(
                    Grad.grad(x -> f.apply(x).sum()).apply(tensor(i)).toFloatArray(),
                    traced.apply(tensor(i)).toFloatArray());
        }
        assertEquals(1, traced.cache().made(), traced.explain());
    }

    // ---- what is not repeatable

    @Test
    void aFunctionThatDoesNotRepeatItselfIsRefused() {
        var random =
                Tracer.trace((Tensor x) -> {
                    Tensor y = x.mul(ThreadLocalRandom.current().nextDouble());
                    return x.sum().gt(0).toBoolean() ? y : y.neg();
                });
        random.apply(tensor(1));
        String message = message(() -> random.apply(tensor(-1)));
        assertTrue(message.contains("does the same when it runs again"), message);
    }

    private static final class Threshold {
        Tensor limit = tensor(1);
    }

    @Test
    void aTensorFromOutsideThatWasLookedAtIsGuarded() {
        Threshold threshold = new Threshold();
        var traced = Tracer.trace((Tensor x) -> x.mul(threshold.limit.item()));
        assertEquals(3, traced.apply(tensor(3)).item());
        threshold.limit = tensor(2);
        assertEquals(6, traced.apply(tensor(3)).item());
    }

    @Test
    void aLookAtALeakedTensorIsRefused() {
        List<Tensor> kept = new ArrayList<>();
        var careless =
                Tracer.trace((Tensor x) -> {
                    kept.add(x.add(1));
                    return x;
                });
        assertThrows(GemelException.class, () -> careless.apply(tensor(1)));
        assertThrows(TypeException.class, () -> kept.getFirst().toFloatArray());
    }

    @Test
    void threadsShareATree() throws InterruptedException {
        var traced = Tracer.trace(BranchTest::halved);
        List<Throwable> failures = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            float start = t * 37 + 1;
            threads.add(
                    Thread.ofPlatform()
                            .uncaughtExceptionHandler((_, failure) -> {
                                synchronized (failures) {
                                    failures.add(failure);
                                }
                            })
                            .start(() -> {
                                for (int i = 0; i < 20; i++) {
                                    Tensor x = tensor(start * i, i);
                                    assertArrayEquals(
                                            halved(x).toFloatArray(),
                                            traced.apply(x).toFloatArray());
                                }
                            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(List.of(), failures);
    }
}
