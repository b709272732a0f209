package org.gemel.tracer;

import static org.gemel.Gemel.tensor;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.gemel.GemelException;
import org.gemel.Tensor;
import org.junit.jupiter.api.Test;

/// What a trace relies on, and what it refuses to.
class GuardTest {
    private final Tensor x = tensor(1);

    @Test
    void fieldsThatTheFunctionDoesNotReadMayChange() {
        GuardTestCalls model = WovenLoader.create(GuardTestModel.class, GuardTestCalls.class);
        assertEquals(2, model.scaled(x).item());
        for (int i = 0; i < 3; i++) {
            model.count();
            assertEquals(2, model.scaled(x).item());
        }
        String report = Tracer.explain(model, "scaled");
        assertTrue(report.contains("scaled: 1 trace,"), report);
        assertTrue(report.contains("GuardTestModel.factor = 2.0"), report);
        model.factor(5);
        assertEquals(5, model.scaled(x).item());
        assertEquals(5, Mode.TRACED.call(() -> model.throughOthers(x)).item());
        model.factor(6);
        assertEquals(6, model.throughOthers(x).item());
    }

    @Test
    void staticFieldsOfOtherClassesAreGuarded() {
        GuardTestCalls model = WovenLoader.create(GuardTestModel.class, GuardTestCalls.class);
        model.setShift(1);
        assertEquals(2, model.shifted(x).item());
        model.setShift(7);
        assertEquals(8, model.shifted(x).item());
    }

    private static final class Hidden {
        final Random random = new Random(1);
        final float[] data = new float[JavaState.LARGEST_ARRAY + 1];
        final StringBuilder log = new StringBuilder();
        final List<Double> losses = new ArrayList<>();
    }

    @Test
    void whatCannotBeComparedIsRefusedByName() {
        Hidden hidden = new Hidden();
        var random = Tracer.trace((Tensor t) -> t.mul(hidden.random.nextDouble()));
        String message = assertThrows(GemelException.class, () -> random.apply(x)).getMessage();
        assertTrue(message.contains("field Hidden."), message);
        GuardTestCalls model = WovenLoader.create(GuardTestModel.class, GuardTestCalls.class);
        String large = assertThrows(GemelException.class, () -> model.large(x)).getMessage();
        assertTrue(large.contains("field GuardTestModel.data is an array of more than"), large);
        String drawn = assertThrows(GemelException.class, () -> model.drawn(x)).getMessage();
        assertTrue(drawn.contains("field GuardTestModel.random is a Random"), drawn);
        assertEquals(0, hidden.losses.size() + hidden.log.length() + hidden.data[0]);
    }
}
