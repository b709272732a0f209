package org.gemel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.gemel.op.Pad;

/// Rearrangements that are made of views, joins and choices.
final class Movements {
    private Movements() {}

    private static GemelException wrong(String op, String rule, String fact, String remedy) {
        return new TypeException(
                "%s: expects %s, but got %s; %s".formatted(op, rule, fact, remedy));
    }

    static Tensor stack(List<Tensor> parts, int axis) {
        if (parts.isEmpty()) {
            throw wrong("stack", "at least one tensor", "none", "check the list");
        }
        int at = newAxis(parts.getFirst(), axis);
        return Tensor.concat(parts.stream().map(part -> part.unsqueeze(at)).toList(), at);
    }

    // An axis of the shape with one dimension more.
    static int newAxis(Tensor x, int axis) {
        int rank = x.shape().rank() + 1;
        int[] dims = new int[rank];
        return Shape.of(dims).axis(axis);
    }

    static Tensor swapped(Tensor x, int a, int b) {
        int[] order = IntStream.range(0, x.shape().rank()).toArray();
        order[x.shape().axis(a)] = x.shape().axis(b);
        order[x.shape().axis(b)] = x.shape().axis(a);
        return x.permute(order);
    }

    static Tensor moved(Tensor x, int[] from, int[] to) {
        int rank = x.shape().rank();
        int[] sources = Arrays.stream(from).map(x.shape()::axis).toArray();
        int[] targets = Arrays.stream(to).map(x.shape()::axis).toArray();
        if (sources.length != targets.length
                || Arrays.stream(sources).distinct().count() != sources.length
                || Arrays.stream(targets).distinct().count() != targets.length) {
            throw wrong(
                    "moveAxis",
                    "as many different places as different axes",
                    Arrays.toString(from) + " to " + Arrays.toString(to),
                    "name each once");
        }
        int[] order = new int[rank];
        Arrays.fill(order, -1);
        for (int i = 0; i < sources.length; i++) {
            order[targets[i]] = sources[i];
        }
        int next = 0;
        for (int d = 0; d < rank; d++) {
            int axis = d;
            if (Arrays.stream(sources).noneMatch(source -> source == axis)) {
                while (order[next] >= 0) {
                    next++;
                }
                order[next] = d;
            }
        }
        return x.permute(order);
    }

    static Tensor flip(Tensor x, int[] axes) {
        Tensor flipped = x;
        for (int axis : Arrays.stream(axes).map(x.shape()::axis).distinct().toArray()) {
            flipped = flipped.slice(axis, x.shape().dim(axis) - 1, -1, -1);
        }
        return flipped;
    }

    static Tensor roll(Tensor x, int shift, int axis) {
        int at = x.shape().axis(axis);
        int size = x.shape().dim(at);
        int cut = Math.floorMod(-(long) shift, Math.max(1, size));
        return cut == 0
                ? x
                : Tensor.concat(List.of(x.slice(at, cut, size, 1), x.slice(at, 0, cut, 1)), at);
    }

    static Tensor tile(Tensor x, int[] counts) {
        int rank = Math.max(x.shape().rank(), counts.length);
        int[] dims = new int[rank];
        int[] times = new int[rank];
        Arrays.fill(dims, 1);
        Arrays.fill(times, 1);
        System.arraycopy(x.shape().dims(), 0, dims, rank - x.shape().rank(), x.shape().rank());
        System.arraycopy(counts, 0, times, rank - counts.length, counts.length);
        // Each dimension gets one of the copies in front, which a view repeats.
        int[] apart = new int[2 * rank];
        int[] repeated = new int[2 * rank];
        int[] whole = new int[rank];
        for (int d = 0; d < rank; d++) {
            if (times[d] < 0) {
                throw wrong("tile", "counts of at least 0", Arrays.toString(counts), "use 0");
            }
            apart[2 * d] = 1;
            apart[2 * d + 1] = dims[d];
            repeated[2 * d] = times[d];
            repeated[2 * d + 1] = dims[d];
            whole[d] = times[d] * dims[d];
        }
        return x.reshape(Shape.of(apart)).expand(Shape.of(repeated)).reshape(Shape.of(whole));
    }

    static Tensor repeated(Tensor x, int count, int axis) {
        int at = x.shape().axis(axis);
        if (count < 0) {
            throw wrong("repeatInterleave", "a count of at least 0", count + "", "use 0");
        }
        int size = x.shape().dim(at);
        Tensor apart = x.unsqueeze(at + 1);
        return apart.expand(apart.shape().with(at + 1, count))
                .reshape(x.shape().with(at, size * count));
    }

    // Element i goes to counts[i] places: to those before the sum of the counts up to i.
    static Tensor repeated(Tensor x, Tensor counts, int axis) {
        int at = x.shape().axis(axis);
        int size = x.shape().dim(at);
        if (counts.dtype() != DType.I64 || !counts.shape().equals(Shape.of(size))) {
            throw wrong(
                    "repeatInterleave",
                    "counts i64[%d], one for each place along dimension %d".formatted(size, at),
                    counts.type() + "",
                    "convert or reshape them");
        }
        long[] values = counts.toLongArray();
        if (Arrays.stream(values).anyMatch(count -> count < 0)) {
            throw wrong("repeatInterleave", "counts of at least 0", "a negative one", "use 0");
        }
        int total = Math.toIntExact(Arrays.stream(values).sum());
        Tensor ends = counts.cumsum(0);
        Tensor source = ends.searchSorted(Tensor.arange(total, DType.I64), true);
        return x.indexSelect(at, source);
    }

    static List<Tensor> split(Tensor x, int axis, int[] sizes) {
        int at = x.shape().axis(axis);
        if (Arrays.stream(sizes).sum() != x.shape().dim(at)
                || Arrays.stream(sizes).anyMatch(size -> size < 0)) {
            throw wrong(
                    "split",
                    "sizes whose sum is dimension %d of %s".formatted(at, x.type()),
                    Arrays.toString(sizes),
                    "change one of them");
        }
        List<Tensor> parts = new ArrayList<>();
        int start = 0;
        for (int size : sizes) {
            parts.add(x.slice(at, start, start + size, 1));
            start += size;
        }
        return parts;
    }

    static List<Tensor> splitEvery(Tensor x, int axis, int size) {
        int whole = x.shape().dim(x.shape().axis(axis));
        if (size < 1) {
            throw wrong("splitEvery", "a size of at least 1", size + "", "use 1");
        }
        int count = Math.max(1, Math.ceilDiv(whole, size));
        int[] sizes =
                IntStream.range(0, count).map(i -> Math.min(size, whole - i * size)).toArray();
        return split(x, axis, sizes);
    }

    static List<Tensor> chunk(Tensor x, int axis, int count) {
        if (count < 1) {
            throw wrong("chunk", "at least 1 part", count + "", "use 1");
        }
        int whole = x.shape().dim(x.shape().axis(axis));
        // an empty dimension gives as many empty parts as asked for
        return whole == 0
                ? Collections.nCopies(count, x)
                : splitEvery(x, axis, Math.ceilDiv(whole, count));
    }

    static Tensor diagonal(Tensor x, int offset, int first, int second) {
        int a = x.shape().axis(first);
        int b = x.shape().axis(second);
        if (a == b) {
            throw wrong("diagonal", "two dimensions", a + " twice", "name another");
        }
        Tensor matrices = moved(x, new int[] {a, b}, new int[] {-2, -1});
        int rows = matrices.shape().dim(-2);
        int columns = matrices.shape().dim(-1);
        int down = Math.max(0, -offset);
        int right = Math.max(0, offset);
        int count = Math.max(0, Math.min(rows - down, columns - right));
        int[] dims = Arrays.copyOf(matrices.shape().dims(), x.shape().rank() - 1);
        dims[dims.length - 1] = rows * columns;
        int start = down * columns + right;
        int stop = start + (count - 1) * (columns + 1) + 1;
        Tensor lines = matrices.reshape(Shape.of(dims));
        return count == 0 ? lines.slice(-1, 0, 0, 1) : lines.slice(-1, start, stop, columns + 1);
    }

    static Tensor diagonalMatrix(Tensor x, int offset, int first, int second) {
        int rank = x.shape().rank() + 1;
        int length = x.shape().dim(x.shape().axis(-1));
        int size = length + Math.abs(offset);
        int[] dims = Arrays.copyOf(x.shape().dims(), rank);
        dims[rank - 2] = size;
        dims[rank - 1] = size;
        Shape shape = Shape.of(dims);
        int a = shape.axis(first);
        int b = shape.axis(second);
        if (a == b) {
            throw wrong("diagonalMatrix", "two dimensions", a + " twice", "name another");
        }
        // Row i of the diagonal starts at its place: column i + offset.
        Tensor rows = Tensor.arange(size, DType.I64).unsqueeze(1);
        Tensor columns = Tensor.arange(size, DType.I64).unsqueeze(0);
        Tensor on = columns.sub(rows).eq(offset);
        int[] before = new int[rank - 1];
        int[] after = new int[rank - 1];
        before[rank - 2] = Math.max(0, -offset);
        after[rank - 2] = Math.max(0, offset);
        Tensor lines = x.padded(Pad.around(x.shape(), before, after)).unsqueeze(-1);
        Tensor matrices = Tensor.where(on, lines, lines.zerosLike());
        return moved(matrices, new int[] {-2, -1}, new int[] {a, b});
    }

    static Tensor triangle(Tensor x, int diagonal, boolean lower) {
        if (x.shape().rank() < 2) {
            throw wrong(
                    lower ? "lowerTriangle" : "upperTriangle",
                    "at least two dimensions",
                    x.type() + "",
                    "reshape it first");
        }
        Tensor rows = Tensor.arange(x.shape().dim(-2), DType.I64).unsqueeze(1);
        Tensor columns = Tensor.arange(x.shape().dim(-1), DType.I64).unsqueeze(0);
        Tensor edge = rows.add(diagonal);
        Tensor kept = lower ? columns.le(edge) : columns.ge(edge);
        Tensor zero = Tensor.full(new TensorType(x.dtype(), Shape.SCALAR), 0);
        return Tensor.where(kept, x, zero);
    }

    static Tensor unfold(Tensor x, int axis, int size, int step) {
        if (x.shape().rank() == 0) {
            throw wrong("unfold", "at least one dimension", x.type() + "", "reshape it first");
        }
        int at = x.shape().axis(axis);
        int whole = x.shape().dim(at);
        if (size < 0 || size > whole || step < 1) {
            throw wrong(
                    "unfold",
                    "windows of 0 to %d elements, some steps apart".formatted(whole),
                    "size %d and step %d".formatted(size, step),
                    "shorten the window");
        }
        int count = (whole - size) / step + 1;
        Tensor starts = Tensor.arange(count, DType.I64).mul(step).unsqueeze(1);
        Tensor places = starts.add(Tensor.arange(size, DType.I64).unsqueeze(0)).reshape(-1);
        int rank = x.shape().rank();
        Shape along = Shape.along(rank, at, count * size);
        Tensor taken = Indexing.gathered(x, at, places.reshape(along));
        int[] apart = new int[rank + 1];
        for (int d = 0; d < apart.length; d++) {
            apart[d] = d <= at ? x.shape().dim(d) : x.shape().dim(d - 1);
        }
        apart[at] = count;
        apart[at + 1] = size;
        return moved(taken.reshape(Shape.of(apart)), new int[] {at + 1}, new int[] {-1});
    }
}
