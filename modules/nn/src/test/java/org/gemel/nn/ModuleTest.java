package org.gemel.nn;

import static org.gemel.Gemel.key;
import static org.gemel.Gemel.tensor;
import static org.gemel.Gemel.zeros;
import static org.gemel.nn.Modules.init;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.gemel.GemelException;
import org.gemel.Parameter;
import org.gemel.Shape;
import org.gemel.Tensor;
import org.junit.jupiter.api.Test;

class ModuleTest {
    static class Base implements Module {
        private final Linear first = new Linear(3, 2);

        @Override
        public Tensor forward(Tensor x) {
            return first.forward(x);
        }
    }

    static final class Rich extends Base {
        final List<Module> layers = List.of(new Linear(2, 2), Tensor::relu);
        private final Module[] more = {new Linear(2, 1)};
        final Parameter scale = new Parameter("scale", zeros(1));
        private final Linear shared = (Linear) more[0];
        private final Module self = this;
        private final String name = "rich";

        @Override
        public String toString() {
            return name + shared + self.getClass();
        }
    }

    @Test
    void parametersComeInTheOrderOfTheFieldsEachOnce() {
        var names = List.copyOf(new Rich().namedParameters().keySet());
        assertEquals(
                List.of(
                        "first.weight",
                        "first.bias",
                        "layers.0.weight",
                        "layers.0.bias",
                        "more.0.weight",
                        "more.0.bias",
                        "scale"),
                names);
    }

    static final class Block implements Module {
        private final Linear inner = Linear.withoutBias(2, 2);
        private final Optional<BatchNorm> norm = Optional.of(new BatchNorm(2));
        private final Optional<Module> none = Optional.empty();

        @Override
        public Tensor forward(Tensor x) {
            return none.orElse(norm.orElseThrow()).forward(inner.forward(x));
        }
    }

    @Test
    void whatAnOptionalHoldsIsFoundToo() {
        assertEquals(
                List.of("inner.weight", "norm.weight", "norm.bias"),
                List.copyOf(new Block().namedParameters().keySet()));
    }

    @Test
    void modulesComeWithAllBelowThemEachOnce() {
        var model = new Rich();
        assertEquals(5, model.modules().size());
        assertSame(model, model.modules().getFirst());
        assertSame(model.layers.getFirst(), model.modules().get(2));
    }

    @Test
    void aModelSwitchesAllThatIsInItToInference() {
        var norm = new BatchNorm(1);
        var dropout = new Dropout(0.5, key(1));
        var model = init(new Sequential(new Sequential(norm, dropout), Tensor::relu), key(2));
        var x = tensor(new float[] {1, 3}, 2, 1);
        model.training(false);
        assertArrayEquals(new float[] {1, 3}, model.forward(x).toFloatArray(), 1e-4f);
        assertEquals(0, norm.mean.value().item());
        model.training(true);
        model.forward(x);
        assertEquals(0.2, norm.mean.value().item(), 1e-6);
    }

    @Test
    void withoutABiasLinearIsTheProductAlone() {
        var layer = Linear.withoutBias(2, 1);
        layer.weight.assign(tensor(new float[] {1, 2}, 1, 2));
        var y = layer.forward(tensor(new float[] {3, 4}, 1, 2));
        assertArrayEquals(new float[] {11}, y.toFloatArray());
        assertEquals(List.of(layer.weight), layer.parameters());
    }

    @Test
    void initGivesEveryParameterItsOwnKey() {
        var model = init(new Rich(), key(7));
        var again = init(new Rich(), key(7));
        var other = init(new Rich(), key(8));
        for (int i = 0; i < 6; i++) {
            float[] values = model.parameters().get(i).value().toFloatArray();
            assertArrayEquals(values, again.parameters().get(i).value().toFloatArray());
            assertNotEquals(
                    Arrays.toString(values),
                    Arrays.toString(other.parameters().get(i).value().toFloatArray()));
        }
        assertEquals(0, model.parameters().get(6).value().item());
    }

    @Test
    void theInitialValuesFillTheirInterval() {
        var layer = init(new Linear(100, 200), key(1));
        float[] values = layer.weight.value().toFloatArray();
        double mean = 0;
        double square = 0;
        for (float value : values) {
            assertTrue(Math.abs(value) <= 0.1f);
            mean += value / values.length;
            square += value * value / values.length;
        }
        assertEquals(0, mean, 0.002);
        assertEquals(0.01 / 3, square, 0.0002);
    }

    @Test
    void linearIsAProductWithTheTransposeAndASum() {
        var layer = new Linear(2, 3);
        layer.weight.assign(tensor(new float[] {1, 2, 3, 4, 5, 6}, 3, 2));
        layer.bias.orElseThrow().assign(tensor(10f, 20f, 30f));
        var y = layer.forward(tensor(new float[] {1, 1, 0, 2}, 2, 2));
        assertEquals(Shape.of(2, 3), y.shape());
        assertArrayEquals(new float[] {13, 27, 41, 14, 28, 42}, y.toFloatArray());
        y.sum().backward();
        assertArrayEquals(new float[] {1, 3, 1, 3, 1, 3}, layer.weight.grad().toFloatArray());
        assertArrayEquals(new float[] {2, 2, 2}, layer.bias.orElseThrow().grad().toFloatArray());
    }

    @Test
    void sequentialRunsItsLayersInOrder() {
        var first = init(new Linear(4, 3), key(1));
        var model = new Sequential(first, Tensor::relu);
        var x = tensor(new float[] {1, -2, 3, -4}, 1, 4);
        assertArrayEquals(first.forward(x).relu().toFloatArray(), model.forward(x).toFloatArray());
        assertSame(first.weight, model.parameters().getFirst());
        assertEquals("layers.0.weight", model.namedParameters().firstEntry().getKey());
    }

    @Test
    void aLayerWithoutValuesSaysWhatToCall() {
        var layer = new Linear(2, 2);
        var error = assertThrows(GemelException.class, () -> layer.forward(zeros(1, 2)));
        assertTrue(error.getMessage().contains("call init(model, key(seed)) first"));
    }

    @Test
    void aLayerNeedsInputsAndOutputs() {
        var error = assertThrows(GemelException.class, () -> new Linear(0, 3));
        assertEquals(
                "linear: expects at least one input and one output, but got 0 and 3; check the"
                        + " sizes of the layers",
                error.getMessage());
    }
}
