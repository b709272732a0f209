package org.gemel.tracer;

import static org.gemel.Gemel.tensor;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.gemel.GemelException;
import org.gemel.Tensor;
import org.gemel.TypeException;
import org.gemel.tracer.WeaverTestCalls.Pair;
import org.junit.jupiter.api.Test;

class WeaverTest {
    private final WeaverTestCalls model =
            WovenLoader.create(WeaverTestModel.class, WeaverTestCalls.class);
    private final Tensor x = tensor(1, 2, 3);
    private final Tensor y = tensor(4, 5, 6);

    private static float[] floats(float... elements) {
        return elements;
    }

    @Test
    void marksWhatItWove() {
        assertTrue(TracedMethods.isWoven(model.getClass()));
        assertFalse(TracedMethods.isWoven(WeaverTestModel.class));
    }

    @Test
    void leavesOtherClassesAlone() {
        byte[] plain = WovenLoader.bytes(getClass().getClassLoader(), Pair.class.getName());
        assertEquals(Optional.empty(), Weaver.weave(plain));
    }

    @Test
    void weavesOnce() {
        byte[] bytes =
                WovenLoader.bytes(getClass().getClassLoader(), WeaverTestModel.class.getName());
        assertEquals(Optional.empty(), Weaver.weave(Weaver.weave(bytes).orElseThrow()));
    }

    @Test
    void theBodyRunsOncePerSignatureOnlyWhenTraced() {
        int before = model.runs();
        for (int call = 0; call < 3; call++) {
            assertArrayEquals(floats(2, 3, 4), model.instance(x).toFloatArray());
        }
        assertEquals(before + 1, model.runs());
        model.instance(tensor(7));
        assertEquals(before + 2, model.runs());
        Mode.EAGER.run(() -> {
            model.instance(x);
            model.instance(x);
        });
        assertEquals(before + 4, model.runs());
        Mode.TRACED_UNOPTIMIZED.run(() -> model.instance(x));
        assertEquals(before + 5, model.runs());
    }

    @Test
    void arraysAndRecordsAreComparedByContent() {
        int before = model.runs();
        for (int call = 0; call < 3; call++) {
            model.counted(new int[] {1, 2}, new Pair(x, y, 1));
        }
        assertEquals(before + 1, model.runs());
        model.counted(new int[] {1, 3}, new Pair(x, y, 1));
        model.counted(new int[] {1, 3}, new Pair(x, y, 2));
        assertEquals(before + 3, model.runs());
    }

    @Test
    void everyKindOfMethodGivesTheSameInEveryMode() throws IOException {
        for (Mode mode : Mode.values()) {
            mode.run(() -> {
                assertArrayEquals(floats(2, 4, 6), model.ofStatic(x).toFloatArray());
                assertArrayEquals(floats(4, 7, 10), model.ofPrivate(x).toFloatArray());
                assertArrayEquals(
                        floats(-2.25f, -4.5f, -6.75f),
                        model.manyKinds(x, true, 2, 0.5, new int[] {1}).toFloatArray());
                assertArrayEquals(
                        floats(3.5f, 7, 10.5f),
                        model.manyKinds(x, false, 1, 0.5, new int[] {3}).toFloatArray());
                List<Tensor> both = model.lists(List.of(x, y));
                assertArrayEquals(floats(5, 7, 9), both.get(0).toFloatArray());
                assertArrayEquals(floats(4, 10, 18), both.get(1).toFloatArray());
                assertArrayEquals(floats(-3, -3, -3), model.arrays(x, y).toFloatArray());
                Pair pair = model.records(new Pair(x, y, 2));
                assertArrayEquals(floats(8, 10, 12), pair.left().toFloatArray());
                assertArrayEquals(floats(1, 2, 3), pair.right().toFloatArray());
                assertEquals(3, pair.times());
                model.nothing(x);
            });
        }
    }

    @Test
    void anObjectIsNoResult() {
        String message = assertThrows(GemelException.class, () -> model.object(x)).getMessage();
        assertTrue(message.contains("returned a StringBuilder"), message);
    }

    @Test
    void exceptionsPassAsTheyAre() {
        assertEquals("no", assertThrows(IOException.class, () -> model.checked(x)).getMessage());
    }

    @Test
    void errorsNameTheUsersLineInBothModes() {
        Tensor wide = tensor(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
        String traced = assertThrows(TypeException.class, () -> model.wrong(wide)).getMessage();
        String eager =
                Mode.EAGER.call(() ->
                        assertThrows(TypeException.class, () -> model.wrong(wide)).getMessage());
        assertEquals(eager, traced);
        assertTrue(traced.contains("WeaverTestModel.wrong(WeaverTestModel.java:"), traced);
    }

    @Test
    void anUnwovenMethodSaysSo() {
        WeaverTestCalls unwoven = new WeaverTestModel();
        // A shape of its own, so that the engine has to make a kernel and takes a look.
        Tensor fresh = tensor(new float[17]).reshape(1, 17, 1);
        GemelException error =
                assertThrows(GemelException.class, () -> unwoven.instance(fresh.sum()));
        assertNull(error.getCause());
        assertTrue(
                error.getMessage().contains("WeaverTestModel.instance is @Traced")
                        && error.getMessage().contains("-javaagent:gemel-tracer.jar"),
                error.getMessage());
        Mode.EAGER.run(() -> unwoven.instance(fresh.sum()));
    }

    @Test
    void aModeRefusesAnUnwovenClassBeforeItRuns() {
        WeaverTestCalls unwoven = new WeaverTestModel();
        for (Mode mode : List.of(Mode.TRACED, Mode.TRACED_UNOPTIMIZED)) {
            assertThrows(GemelException.class, () -> mode.run(() -> unwoven.runs()));
            assertThrows(GemelException.class, () -> mode.call(unwoven::runs));
            mode.run(() -> model.nothing(x));
        }
        Mode.EAGER.run(() -> unwoven.nothing(x));
    }

    @Test
    void aWovenMethodExplainsItself() {
        WeaverTestCalls other = WovenLoader.create(WeaverTestModel.class, WeaverTestCalls.class);
        assertTrue(Tracer.explain(other, "instance").contains("not called yet"));
        other.instance(x);
        other.instance(x);
        other.instance(tensor(1, 2));
        String report = Tracer.explain(other, "instance");
        assertTrue(report.startsWith("WeaverTestModel.instance: 2 traces"), report);
        assertTrue(report.contains("3 calls"), report);
        assertTrue(report.contains("f32[3]") && report.contains("f32[2]"), report);
        assertTrue(report.contains("WeaverTestModel.java:"), report);
        assertTrue(report.contains("because of argument 1"), report);
        other.ofStatic(x);
        assertTrue(Tracer.explain(other.getClass(), "twice").contains("1 trace,"));
        String wrong =
                assertThrows(GemelException.class, () -> Tracer.explain(other, "none"))
                        .getMessage();
        assertTrue(wrong.contains("check the spelling"), wrong);
        assertThrows(GemelException.class, () -> Tracer.explain(new WeaverTestModel(), "instance"));
    }

    @Test
    void theCheckFindsAnUnwovenCaller() {
        UnwovenCheck check = new UnwovenCheck();
        check.check();
        Object unwoven =
                new Object() {
                    @Traced
                    void step() {
                        check.check();
                    }

                    @Override
                    public String toString() {
                        step();
                        return "checked";
                    }
                };
        assertThrows(GemelException.class, unwoven::toString);
        assertEquals("checked", Mode.EAGER.call(unwoven::toString));
    }
}
