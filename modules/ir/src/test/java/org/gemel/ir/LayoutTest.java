package org.gemel.ir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.gemel.DType;
import org.gemel.Shape;
import org.gemel.TensorType;
import org.gemel.op.Dense;
import org.gemel.op.Expand;
import org.gemel.op.Movement;
import org.gemel.op.Permute;
import org.gemel.op.Reshape;
import org.gemel.op.Slice;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Views against the reference meaning of the movements that made them: the base holds 0, 1, 2, ...
/// so that the elements of a view are the places they come from.
final class LayoutTest {
    private static long place(Layout layout, Shape shape, int i) {
        long place = layout.offset();
        int rest = i;
        for (int axis = shape.rank() - 1; axis >= 0; axis--) {
            place += rest % shape.dim(axis) * layout.strides().get(axis);
            rest /= shape.dim(axis);
        }
        return place;
    }

    private static Dense places(Shape shape) {
        return Dense.ofLongs(new TensorType(DType.I64, shape), i -> i);
    }

    private static void assertSame(Dense expected, Layout layout, String what) {
        Shape shape = expected.type().shape();
        assertEquals(shape.rank(), layout.strides().size(), what);
        for (int i = 0; i < expected.size(); i++) {
            assertEquals(expected.integer(i), place(layout, shape, i), what + ", element " + i);
        }
    }

    // Whether any offset and strides give these elements: the places must be linear in the
    // position.
    private static boolean isStrided(Dense elements) {
        Shape shape = elements.type().shape();
        if (elements.size() == 0) {
            return true;
        }
        long[] rowMajor = shape.rowMajorStrides();
        List<Long> strides = new ArrayList<>();
        for (int axis = 0; axis < shape.rank(); axis++) {
            boolean moves = shape.dim(axis) > 1;
            strides.add(moves ? elements.integer((int) rowMajor[axis]) - elements.integer(0) : 0L);
        }
        Layout only = new Layout(elements.integer(0), strides);
        for (int i = 0; i < elements.size(); i++) {
            if (place(only, shape, i) != elements.integer(i)) {
                return false;
            }
        }
        return true;
    }

    private static Movement draw(Random random, Shape from) {
        int rank = from.rank();
        return switch (random.nextInt(4)) {
            case 0 -> {
                List<Integer> order = new ArrayList<>();
                for (int axis = 0; axis < rank; axis++) {
                    order.add(axis);
                }
                Collections.shuffle(order, random);
                yield new Permute(order);
            }
            case 1 -> drawSlice(random, from);
            case 2 -> {
                int extra = from.size() > 200 || rank > 4 ? 0 : random.nextInt(2);
                int[] dims = new int[rank + extra];
                for (int axis = 0; axis < dims.length; axis++) {
                    boolean own = axis >= extra && from.dim(axis - extra) != 1;
                    dims[axis] = own ? from.dim(axis - extra) : 1 + random.nextInt(2);
                }
                yield new Expand(Shape.of(dims));
            }
            default -> new Reshape(drawFactors(random, from));
        };
    }

    private static Slice drawSlice(Random random, Shape from) {
        List<Integer> starts = new ArrayList<>();
        List<Integer> counts = new ArrayList<>();
        List<Integer> steps = new ArrayList<>();
        for (int dim : from.dims()) {
            int count = dim == 0 ? 0 : 1 + random.nextInt(dim);
            int step = count > 1 && (count - 1) * 2 < dim && random.nextBoolean() ? 2 : 1;
            int first = dim == 0 ? 0 : random.nextInt(dim - (count - 1) * step);
            boolean back = random.nextInt(4) == 0;
            starts.add(back ? first + Math.max(0, count - 1) * step : first);
            counts.add(count);
            steps.add(back ? -step : step);
        }
        return new Slice(starts, counts, steps);
    }

    // The same number of elements, split at random.
    private static Shape drawFactors(Random random, Shape from) {
        List<Integer> dims = new ArrayList<>();
        int rest = Math.toIntExact(from.size());
        for (int divisor = 2; rest > 1; divisor++) {
            while (rest % divisor == 0) {
                rest /= divisor;
                if (dims.isEmpty() || random.nextBoolean()) {
                    dims.add(divisor);
                } else {
                    dims.set(dims.size() - 1, dims.getLast() * divisor);
                }
            }
        }
        if (from.size() == 0 || random.nextInt(3) == 0) {
            dims.add(random.nextInt(dims.size() + 1), from.size() == 0 ? 0 : 1);
        }
        Collections.shuffle(dims, random);
        return Shape.of(dims.stream().mapToInt(Integer::intValue).toArray());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void anySequenceOfMovementsReadsTheRightPlaces(long seed) {
        Random random = new Random(seed);
        int copies = 0;
        for (int round = 0; round < 400; round++) {
            Shape base = Shape.of(1 + random.nextInt(4), 1 + random.nextInt(6), random.nextInt(5));
            Dense elements = places(base);
            Layout layout = Layout.contiguous(base);
            StringBuilder history = new StringBuilder("seed " + seed + ": " + base);
            for (int step = 0; step < 6; step++) {
                Movement op = draw(random, elements.type().shape());
                history.append(" > ").append(op);
                Shape from = elements.type().shape();
                elements = op.reference(List.of(elements));
                Optional<Layout> next = layout.apply(op, from);
                if (next.isEmpty()) {
                    assertFalse(isStrided(elements), "a view would do: " + history);
                    copies++;
                    break;
                }
                layout = next.get();
                assertSame(elements, layout, history.toString());
            }
        }
        assertTrue(copies > 20, "some must copy, or the test shows nothing");
    }

    static Stream<Arguments> reshapes() {
        Layout rows = Layout.contiguous(Shape.of(4, 6));
        Layout columns = new Layout(0, List.of(1L, 4L));
        Layout everySecond = new Layout(1, List.of(12L, 2L));
        Layout repeated = new Layout(0, List.of(0L, 1L));
        return Stream.of(
                Arguments.of(rows, Shape.of(4, 6), Shape.of(24), true),
                Arguments.of(columns, Shape.of(4, 6), Shape.of(24), false),
                Arguments.of(columns, Shape.of(4, 6), Shape.of(2, 2, 2, 3), true),
                Arguments.of(columns, Shape.of(4, 6), Shape.of(8, 3), false),
                Arguments.of(everySecond, Shape.of(2, 6), Shape.of(12), true),
                Arguments.of(everySecond, Shape.of(2, 5), Shape.of(10), false),
                Arguments.of(everySecond, Shape.of(2, 5), Shape.of(1, 2, 1, 5), true),
                Arguments.of(repeated, Shape.of(3, 4), Shape.of(12), false),
                Arguments.of(repeated, Shape.of(4, 1), Shape.of(2, 2), true),
                Arguments.of(repeated, Shape.of(0, 4), Shape.of(4, 0, 2), true));
    }

    @ParameterizedTest
    @MethodSource("reshapes")
    void reshapeIsAViewWhereStridesCanSayIt(Layout layout, Shape from, Shape to, boolean view) {
        assertEquals(view, layout.apply(new Reshape(to), from).isPresent());
    }

    @Test
    void knowsWhatIsContiguous() {
        assertTrue(Layout.contiguous(Shape.of(2, 3)).isContiguous(Shape.of(2, 3)));
        assertTrue(new Layout(7, List.of(3L, 1L)).isContiguous(Shape.of(2, 3)), "offset is free");
        assertTrue(new Layout(0, List.of(99L, 1L)).isContiguous(Shape.of(1, 3)), "size 1 is free");
        assertTrue(new Layout(0, List.of(99L, 5L)).isContiguous(Shape.of(0, 3)), "nothing there");
        assertTrue(new Layout(3, List.of()).isContiguous(Shape.SCALAR));
        assertFalse(new Layout(0, List.of(1L, 2L)).isContiguous(Shape.of(2, 3)));
        assertFalse(new Layout(0, List.of(0L, 1L)).isContiguous(Shape.of(2, 3)));
        assertFalse(new Layout(0, List.of(-1L)).isContiguous(Shape.of(2)));
    }

    @Test
    void broadcastDimensionsDoNotMove() {
        Layout layout = new Layout(0, List.of(5L, 1L));
        long[] over = layout.stridesOver(Shape.of(3, 1), Shape.of(2, 3, 4));
        assertEquals(List.of(0L, 5L, 0L), Arrays.stream(over).boxed().toList());
    }
}
