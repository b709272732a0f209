package org.gemel.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.Stream;
import org.gemel.DType;
import org.gemel.Shape;
import org.gemel.Tensor;
import org.gemel.TensorType;
import org.gemel.ir.Layout;
import org.gemel.op.Dense;
import org.gemel.op.Expand;
import org.gemel.op.Movement;
import org.gemel.op.Permute;
import org.gemel.op.Slice;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ViewTest {
    private static View counting(Shape shape) {
        View view = View.allocate(new TensorType(DType.F32, shape));
        float[] elements = new float[Math.toIntExact(shape.size())];
        for (int i = 0; i < elements.length; i++) {
            elements[i] = i;
        }
        view.copyFrom(MemorySegment.ofArray(elements));
        return view;
    }

    private static float[] elements(View view) {
        float[] elements = new float[Math.toIntExact(view.type().shape().size())];
        view.copyTo(MemorySegment.ofArray(elements));
        return elements;
    }

    static Stream<Movement> movements() {
        return Stream.of(
                new Permute(List.of(1, 0)),
                new Permute(List.of(0, 1)),
                new Slice(List.of(1, 3), List.of(2, 2), List.of(1, -2)),
                new Slice(List.of(2, 0), List.of(1, 5), List.of(1, 1)),
                new Slice(List.of(0, 0), List.of(0, 5), List.of(1, 1)),
                new Expand(Shape.of(2, 3, 5)));
    }

    @ParameterizedTest
    @MethodSource("movements")
    void elementsOfAnyViewComeOutRowMajor(Movement op) {
        Shape shape = Shape.of(3, 5);
        View base = counting(shape);
        TensorType type = op.type(List.of(base.type()));
        Layout layout = base.layout().apply(op, shape).orElseThrow();
        View view = new View(base.storage(), type, layout);
        Dense expected = op.reference(List.of(Dense.of(base.type(), i -> i)));
        float[] found = elements(view);
        for (int i = 0; i < found.length; i++) {
            assertEquals(expected.real(i), found[i], "element " + i + " of " + op);
        }
        assertEquals(base.address() + 4 * layout.offset(), view.address());
        base.release();
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void fillsEveryElementAndNothingElse(DType dtype) {
        for (int n : new int[] {1, 2, 3, 17, 64}) {
            View view = View.allocate(TensorType.of(dtype, n + 1));
            view.fill(0);
            new View(view.storage(), TensorType.of(dtype, n), view.layout()).fill(1);
            double[] found = Tensor.of(view.type(), view).toDoubleArray();
            for (int i = 0; i <= n; i++) {
                assertEquals(i < n ? 1 : 0, found[i], dtype + "[" + n + "], element " + i);
            }
            view.release();
        }
    }

    @Test
    void filledValuesAreRoundedToTheType() {
        View view = View.allocate(TensorType.of(DType.F32, 3));
        view.fill(0.1);
        assertArrayEquals(new float[] {0.1f, 0.1f, 0.1f}, elements(view));
        view.release();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 33})
    void elementsOfTheHostComeBack(int n) {
        View view = counting(Shape.of(n));
        assertTrue(view.isContiguous());
        float[] found = elements(view);
        assertEquals(n, found.length);
        for (int i = 0; i < n; i++) {
            assertEquals(i, found[i]);
        }
        view.release();
    }

    @Test
    void holdsAreThoseOfTheStorage() {
        View base = counting(Shape.of(3, 5));
        Layout columns = new Layout(0, List.of(1L, 5L));
        View view = new View(base.storage(), TensorType.of(DType.F32, 5, 3), columns);
        assertFalse(view.isContiguous());
        view.retain();
        assertFalse(base.storage().exclusive());
        base.release();
        assertTrue(base.storage().exclusive());
        assertEquals(5, elements(view)[1]);
        view.release();
    }
}
