package org.gemel.testkit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.gemel.DType;
import org.gemel.Shape;
import org.gemel.Tensor;
import org.gemel.op.Pad;
import org.gemel.testkit.GoldenOps.Table;

/// Golden operations that move elements.
final class GoldenShapes {
    private GoldenShapes() {}

    static void fill(Table ops) {
        ops.put("reshape", c -> c.in("x").reshape(c.integers("shape")));
        ops.put("flatten", GoldenShapes::flatten);
        ops.put("permute", c -> permute(c.in("x"), c.integers("dims")));
        ops.put("transpose", c -> swap(c.in("x"), c.integer("dim0"), c.integer("dim1")));
        ops.put("movedim", GoldenShapes::moveDim);
        ops.put("squeeze", c -> c.in("x").squeeze(c.integer("dim")));
        ops.put("unsqueeze", c -> c.in("x").unsqueeze(c.integer("dim")));
        ops.put("expand", GoldenShapes::expand);
        ops.put("cat", c -> Tensor.concat(c.all(), c.integer("dim")));
        ops.put("stack", c -> stack(c.all(), c.integer("dim")));
        ops.put("slice", GoldenShapes::slice);
        ops.put("select", c -> select(c.in("x"), c.integer("dim"), c.integer("index")));
        ops.put("flip", GoldenShapes::flip);
        ops.put("tile", GoldenShapes::tile);
        ops.put("roll", GoldenShapes::roll);
        ops.put("repeat_interleave", GoldenShapes::repeat);
        ops.put("pad_constant", GoldenShapes::padConstant);
        ops.put("pad_reflect", c -> padded(c, GoldenShapes::mirrored));
        ops.put("pad_replicate", c -> padded(c, GoldenShapes::repeated));
        ops.put("tril", c -> triangle(c, true));
        ops.put("triu", c -> triangle(c, false));
        ops.put("diagonal", c -> diagonal(c.in("x"), c.integer("offset", 0)));
        ops.put("diag_embed", c -> diagonalMatrix(c.in("x")));
        ops.put("unfold", GoldenShapes::unfold);
        ops.put("pixel_shuffle", GoldenShapes::pixelShuffle);
        ops.put("one_hot", GoldenShapes::oneHot);
    }

    static Map<String, Function<Call, List<Tensor>>> several() {
        return Map.of("split", GoldenShapes::split, "chunk", GoldenShapes::chunk);
    }

    private static Tensor flatten(Call call) {
        Tensor x = call.in("x");
        int start = x.shape().axis(call.integer("start_dim", 0));
        int end = x.shape().axis(call.integer("end_dim", -1));
        int[] dims = x.shape().dims();
        int[] kept = Arrays.copyOf(dims, start + dims.length - end);
        kept[start] = Arrays.stream(dims, start, end + 1).reduce(1, (a, b) -> a * b);
        System.arraycopy(dims, end + 1, kept, start + 1, dims.length - end - 1);
        return x.reshape(Shape.of(kept));
    }

    static Tensor permute(Tensor x, int... dims) {
        return x.permute(Arrays.stream(dims).map(x.shape()::axis).toArray());
    }

    private static Tensor swap(Tensor x, int a, int b) {
        int[] order = IntStream.range(0, x.shape().rank()).toArray();
        order[x.shape().axis(a)] = x.shape().axis(b);
        order[x.shape().axis(b)] = x.shape().axis(a);
        return x.permute(order);
    }

    private static Tensor moveDim(Call call) {
        Tensor x = call.in("x");
        int from = x.shape().axis(call.integer("source"));
        List<Integer> order =
                new ArrayList<>(IntStream.range(0, x.shape().rank()).boxed().toList());
        order.remove(Integer.valueOf(from));
        order.add(x.shape().axis(call.integer("destination")), from);
        return x.permute(order.stream().mapToInt(Integer::intValue).toArray());
    }

    private static Tensor expand(Call call) {
        Tensor x = call.in("x");
        int[] dims = call.integers("shape");
        int extra = dims.length - x.shape().rank();
        for (int axis = 0; axis < dims.length; axis++) {
            dims[axis] = dims[axis] == -1 ? x.shape().dim(axis - extra) : dims[axis];
        }
        return x.expand(Shape.of(dims));
    }

    static Tensor stack(List<Tensor> parts, int dim) {
        int axis = dim < 0 ? dim + parts.getFirst().shape().rank() + 1 : dim;
        return Tensor.concat(parts.stream().map(part -> part.unsqueeze(axis)).toList(), axis);
    }

    private static Tensor slice(Call call) {
        Tensor x = call.in("x");
        int axis = 0;
        for (List<Optional<Integer>> range : call.rows("slices")) {
            int size = x.shape().dim(axis);
            int step = range.get(2).orElse(1);
            if (step <= 0) {
                throw new Unsupported("a slice of step " + step);
            }
            int start = place(range.get(0).orElse(0), size);
            x = x.slice(axis, start, place(range.get(1).orElse(size), size), step);
            axis++;
        }
        return x;
    }

    private static int place(int index, int size) {
        return Math.clamp(index < 0 ? index + size : index, 0, size);
    }

    static Tensor select(Tensor x, int dim, int index) {
        int axis = x.shape().axis(dim);
        int at = index < 0 ? index + x.shape().dim(axis) : index;
        return x.slice(axis, at, at + 1, 1).squeeze(axis);
    }

    private static Tensor reversed(Tensor x, int axis) {
        return x.slice(axis, x.shape().dim(axis) - 1, -1, -1);
    }

    private static Tensor flip(Call call) {
        Tensor x = call.in("x");
        for (int dim : call.integers("dims")) {
            x = reversed(x, x.shape().axis(dim));
        }
        return x;
    }

    private static Tensor tile(Call call) {
        Tensor x = call.in("x");
        int[] counts = call.integers("reps");
        while (x.shape().rank() < counts.length) {
            x = x.unsqueeze(0);
        }
        int extra = x.shape().rank() - counts.length;
        for (int i = 0; i < counts.length; i++) {
            x = copies(x, extra + i, counts[i]);
        }
        return x;
    }

    private static Tensor copies(Tensor x, int axis, int count) {
        return count == 0
                ? x.slice(axis, 0, 0, 1)
                : Tensor.concat(Collections.nCopies(count, x), axis);
    }

    private static Tensor roll(Call call) {
        Tensor x = call.in("x");
        int axis = x.shape().axis(call.integer("dim"));
        int size = x.shape().dim(axis);
        int cut = Math.floorMod(-call.integer("shift"), Math.max(1, size));
        return Tensor.concat(List.of(x.slice(axis, cut, size, 1), x.slice(axis, 0, cut, 1)), axis);
    }

    private static Tensor repeat(Call call) {
        Tensor x = call.in("x");
        int axis = x.shape().axis(call.integer("dim"));
        int count = call.integer("repeats");
        Shape wide = x.shape().with(axis, x.shape().dim(axis) * count);
        return copies(x.unsqueeze(axis + 1), axis + 1, count).reshape(wide);
    }

    private static Tensor padConstant(Call call) {
        Tensor x = call.in("x");
        double value = call.number("value", 0);
        List<List<Optional<Integer>>> pads = call.rows("pads");
        int rank = x.shape().rank();
        int[] before = new int[rank];
        int[] after = new int[rank];
        for (int axis = 0; axis < rank; axis++) {
            int first = pads.get(axis).get(0).orElse(0);
            int last = pads.get(axis).get(1).orElse(0);
            int size = x.shape().dim(axis);
            // a negative padding cuts off
            x = x.slice(axis, Math.max(0, -first), size - Math.max(0, -last), 1);
            before[axis] = Math.max(0, first);
            after[axis] = Math.max(0, last);
        }
        Pad pad = Pad.around(x.shape(), before, after);
        Tensor padded = x.padded(pad);
        if (value == 0) {
            return padded;
        }
        Tensor inside = x.onesLike().padded(pad).gt(0);
        return Tensor.where(inside, padded, Tensor.full(padded.type(), value));
    }

    /// What stands beside `x` along an axis.
    private interface Border {
        Tensor beside(Tensor x, int axis, int count, boolean before);
    }

    private static Tensor padded(Call call, Border border) {
        Tensor x = call.in("x");
        int axis = 0;
        for (List<Optional<Integer>> pad : call.rows("pads")) {
            List<Tensor> parts = new ArrayList<>();
            int before = pad.get(0).orElse(0);
            int after = pad.get(1).orElse(0);
            if (before < 0 || after < 0) {
                throw new Unsupported("a negative padding");
            }
            if (before > 0) {
                parts.add(border.beside(x, axis, before, true));
            }
            parts.add(x);
            if (after > 0) {
                parts.add(border.beside(x, axis, after, false));
            }
            x = Tensor.concat(parts, axis);
            axis++;
        }
        return x;
    }

    private static Tensor mirrored(Tensor x, int axis, int count, boolean before) {
        int size = x.shape().dim(axis);
        return before ? x.slice(axis, count, 0, -1) : x.slice(axis, size - 2, size - 2 - count, -1);
    }

    private static Tensor repeated(Tensor x, int axis, int count, boolean before) {
        int edge = before ? 0 : x.shape().dim(axis) - 1;
        Tensor line = x.slice(axis, edge, edge + 1, 1);
        return line.expand(line.shape().with(axis, count));
    }

    private static Tensor triangle(Call call, boolean lower) {
        Tensor x = call.in("x");
        Tensor distance = columns(x).sub(rows(x)).sub(call.integer("diagonal", 0));
        Tensor zero = distance.zerosLike();
        return Tensor.where(lower ? distance.le(zero) : distance.ge(zero), x, x.zerosLike());
    }

    private static Tensor rows(Tensor x) {
        return Tensor.arange(x.shape().dim(-2), DType.I64).unsqueeze(1);
    }

    private static Tensor columns(Tensor x) {
        return Tensor.arange(x.shape().dim(-1), DType.I64).unsqueeze(0);
    }

    private static Tensor diagonal(Tensor x, int offset) {
        int rows = x.shape().dim(-2);
        int columns = x.shape().dim(-1);
        int start = offset >= 0 ? offset : -offset * columns;
        int count =
                Math.max(0, Math.min(rows + Math.min(offset, 0), columns - Math.max(offset, 0)));
        int[] dims = Arrays.copyOf(x.shape().dims(), x.shape().rank() - 1);
        dims[dims.length - 1] = rows * columns;
        int stop = count == 0 ? start : start + (count - 1) * (columns + 1) + 1;
        return x.reshape(Shape.of(dims)).slice(-1, start, stop, columns + 1);
    }

    private static Tensor diagonalMatrix(Tensor x) {
        int n = x.shape().dim(-1);
        Tensor places = Tensor.arange(n, DType.I64);
        Tensor on = places.unsqueeze(1).eq(places.unsqueeze(0));
        return Tensor.where(on, x.unsqueeze(-1), x.unsqueeze(-1).zerosLike());
    }

    private static Tensor unfold(Call call) {
        Tensor x = call.in("x");
        int axis = x.shape().axis(call.integer("dim"));
        int size = call.integer("size");
        int step = call.integer("step");
        int count = (x.shape().dim(axis) - size) / step + 1;
        List<Tensor> places = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            places.add(x.slice(axis, i, i + (count - 1) * step + 1, step));
        }
        return stack(places, -1);
    }

    private static Tensor pixelShuffle(Call call) {
        Tensor x = call.in("x");
        int r = call.integer("upscale");
        int[] d = x.shape().dims();
        return x.reshape(d[0], d[1] / (r * r), r, r, d[2], d[3])
                .permute(0, 1, 4, 2, 5, 3)
                .reshape(d[0], d[1] / (r * r), d[2] * r, d[3] * r);
    }

    private static Tensor oneHot(Call call) {
        Tensor index = call.in("index");
        Tensor classes = Tensor.arange(call.integer("num_classes"), DType.I64);
        return index.unsqueeze(-1).eq(classes).to(DType.I64);
    }

    private static List<Tensor> split(Call call) {
        int[] sizes = call.integers("sizes");
        return split(call.in("x"), call.integer("dim"), sizes);
    }

    static List<Tensor> split(Tensor x, int dim, int... sizes) {
        List<Tensor> parts = new ArrayList<>();
        int start = 0;
        for (int size : sizes) {
            parts.add(x.slice(dim, start, start + size, 1));
            start += size;
        }
        return parts;
    }

    private static List<Tensor> chunk(Call call) {
        Tensor x = call.in("x");
        int dim = call.integer("dim");
        int size = x.shape().dim(dim);
        int each = Math.max(1, Math.ceilDiv(size, call.integer("chunks")));
        int[] sizes =
                IntStream.range(0, Math.ceilDiv(size, each))
                        .map(i -> Math.min(each, size - i * each))
                        .toArray();
        return split(x, dim, sizes);
    }
}
