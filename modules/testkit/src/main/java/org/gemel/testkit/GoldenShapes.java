package org.gemel.testkit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.gemel.DType;
import org.gemel.Gemel;
import org.gemel.Index;
import org.gemel.Linalg;
import org.gemel.Shape;
import org.gemel.Tensor;
import org.gemel.testkit.GoldenOps.Table;

/// Golden operations that move elements.
final class GoldenShapes {
    private GoldenShapes() {}

    static void fill(Table ops) {
        ops.put("reshape", c -> c.in("x").reshape(c.integers("shape")));
        ops.put("flatten", GoldenShapes::flatten);
        ops.put("permute", c -> permute(c.in("x"), c.integers("dims")));
        ops.put("transpose", c -> c.in("x").transpose(c.integer("dim0"), c.integer("dim1")));
        ops.put("movedim", GoldenShapes::moveDim);
        ops.put("squeeze", GoldenShapes::squeeze);
        ops.put("unsqueeze", c -> c.in("x").unsqueeze(c.integer("dim")));
        ops.put("expand", GoldenShapes::expand);
        ops.put("cat", c -> Tensor.concat(c.all(), c.integer("dim", 0)));
        ops.put("stack", c -> Tensor.stack(c.all(), c.integer("dim", 0)));
        ops.put("slice", GoldenShapes::slice);
        ops.put("select", c -> select(c.in("x"), c.integer("dim"), c.integer("index")));
        ops.put("flip", c -> c.in("x").flip(c.integers("dims")));
        ops.put("tile", c -> c.in("x").tile(c.integers("reps")));
        ops.put("narrow", GoldenShapes::narrow);
        ops.put("roll", GoldenShapes::roll);
        ops.put("repeat_interleave", GoldenShapes::repeat);
        ops.put("tril", c -> c.in("x").lowerTriangle(c.integer("diagonal", 0)));
        ops.put("triu", c -> c.in("x").upperTriangle(c.integer("diagonal", 0)));
        ops.put("diagonal", c -> diagonal(c, -2));
        ops.put("trace", c -> c.in("x").trace());
        ops.put("diag_embed", GoldenShapes::diagonalMatrix);
        ops.put("diagflat", GoldenShapes::flatDiagonal);
        ops.put("block_diag", GoldenShapes::blocks);
        ops.put("vander", GoldenShapes::vander);
        ops.put("linspace", GoldenShapes::linspace);
        ops.put("logspace", GoldenShapes::logspace);
        ops.put("tril_indices", c -> triangle(c, Tensor::lowerTriangleIndices));
        ops.put("triu_indices", c -> triangle(c, Tensor::upperTriangleIndices));
        ops.put("unfold", GoldenShapes::unfold);
        ops.put("rot90", GoldenShapes::turned);
        ops.put("channel_shuffle", GoldenShapes::shuffled);
    }

    static Map<String, Function<Call, List<Tensor>>> several() {
        return Map.of(
                "meshgrid",
                GoldenShapes::meshgrid,
                "split",
                GoldenShapes::split,
                "chunk",
                GoldenShapes::chunk,
                "unbind",
                GoldenShapes::unbind);
    }

    private static Tensor flatten(Call call) {
        Tensor x = call.in("x");
        int first = call.integer("start_dim", 0);
        int last = call.integer("end_dim", -1);
        if (x.shape().rank() == 0) {
            return x.reshape(1);
        }
        int start = x.shape().axis(first);
        int end = x.shape().axis(last);
        int[] dims = x.shape().dims();
        int[] kept = Arrays.copyOf(dims, start + dims.length - end);
        kept[start] = Arrays.stream(dims, start, end + 1).reduce(1, (a, b) -> a * b);
        System.arraycopy(dims, end + 1, kept, start + 1, dims.length - end - 1);
        return x.reshape(Shape.of(kept));
    }

    // Without dimensions, all of size 1.
    private static Tensor squeeze(Call call) {
        Tensor x = call.in("x");
        int[] dims =
                call.has("dims")
                        ? Arrays.stream(call.integers("dims")).map(x.shape()::axis).toArray()
                        : IntStream.range(0, x.shape().rank()).toArray();
        return IntStream.of(dims)
                .boxed()
                .sorted(Comparator.reverseOrder())
                .reduce(x, Tensor::squeeze, (a, b) -> b);
    }

    private static Tensor narrow(Call call) {
        int start = call.integer("start");
        return call.in("x").slice(call.integer("dim"), start, start + call.integer("length"), 1);
    }

    static Tensor permute(Tensor x, int... dims) {
        return x.permute(Arrays.stream(dims).map(x.shape()::axis).toArray());
    }

    private static Tensor moveDim(Call call) {
        boolean whole = call.has("source");
        return call.in("x")
                .moveAxes(
                        call.integers(whole ? "source" : "src"),
                        call.integers(whole ? "destination" : "dst"));
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
        return Tensor.stack(parts, dim);
    }

    private static Tensor slice(Call call) {
        List<Index> parts = new ArrayList<>();
        for (List<Optional<Integer>> range : call.rows("slices")) {
            parts.add(
                    new Index.Range(
                            optional(range.get(0)),
                            optional(range.get(1)),
                            range.size() > 2 ? range.get(2).orElse(1) : 1));
        }
        return call.in("x").at(parts.toArray(Index[]::new));
    }

    private static OptionalInt optional(Optional<Integer> number) {
        return number.isPresent() ? OptionalInt.of(number.get()) : OptionalInt.empty();
    }

    static Tensor select(Tensor x, int dim, int index) {
        int axis = x.shape().axis(dim);
        int at = index < 0 ? index + x.shape().dim(axis) : index;
        return x.slice(axis, at, at + 1, 1).squeeze(axis);
    }

    // Without a dimension, all elements in a row.
    private static Tensor roll(Call call) {
        Tensor x = call.in("x");
        int[] shifts = call.integers(call.has("shifts") ? "shifts" : "shift");
        String name = call.has("dims") ? "dims" : "dim";
        if (!call.has(name)) {
            return x.reshape(-1).roll(shifts[0], 0).reshape(x.shape());
        }
        int[] dims = call.integers(name);
        for (int i = 0; i < dims.length; i++) {
            x = x.roll(shifts[i], dims[i]);
        }
        return x;
    }

    private static Tensor repeat(Call call) {
        Tensor x = call.has("dim") ? call.in("x") : call.in("x").reshape(-1);
        int dim = call.integer("dim", 0);
        if (call.optional("repeats").isPresent()) {
            return x.repeatInterleave(call.in("repeats"), dim);
        }
        int[] counts = call.integers("repeats");
        if (counts.length == 1) {
            return x.repeatInterleave(counts[0], dim);
        }
        long[] wide = Arrays.stream(counts).asLongStream().toArray();
        return x.repeatInterleave(Gemel.tensor(wide), dim);
    }

    private static Tensor diagonal(Call call, int first) {
        int a = call.integer("dim1", first);
        int b = call.integer("dim2", first + 1);
        return call.in("x").diagonal(call.integer("offset", 0), a, b);
    }

    private static Tensor diagonalMatrix(Call call) {
        int first = call.integer("dim1", -2);
        int second = call.integer("dim2", -1);
        return call.in("x").diagonalMatrix(call.integer("offset", 0), first, second);
    }

    private static Tensor flatDiagonal(Call call) {
        return call.in("x").reshape(-1).diagonalMatrix(call.integer("offset", 0), -2, -1);
    }

    // A vector is a row, a number a matrix of one element.
    private static Tensor blocks(Call call) {
        return Linalg.blockDiagonal(
                call.all().stream()
                        .map(x -> x.shape().rank() < 2 ? x.reshape(1, -1) : x)
                        .toArray(Tensor[]::new));
    }

    private static Tensor vander(Call call) {
        Tensor x = call.in("x");
        String name = call.has("n") ? "n" : "N";
        return Linalg.vander(x, call.integer(name, x.shape().dim(-1)), call.flag("increasing"));
    }

    private static DType dtype(Call call) {
        return switch (call.oneOf("dtype", "float32", "float64", "int64")) {
            case "float32" -> DType.F32;
            case "float64" -> DType.F64;
            default -> DType.I64;
        };
    }

    private static Tensor linspace(Call call) {
        return Tensor.linspace(
                call.number("start"), call.number("end"), call.integer("steps"), dtype(call));
    }

    private static Tensor logspace(Call call) {
        return Tensor.logspace(
                call.number("start"),
                call.number("end"),
                call.integer("steps"),
                call.number("base", 10),
                dtype(call));
    }

    /// The coordinates of a triangle of a matrix.
    private interface Triangle {
        Tensor of(int rows, int columns, int diagonal);
    }

    private static Tensor triangle(Call call, Triangle op) {
        return op.of(call.integer("row"), call.integer("col"), call.integer("offset", 0));
    }

    // "xy" is "ij" with the first two exchanged.
    private static List<Tensor> meshgrid(Call call) {
        boolean swapped = call.oneOf("indexing", "ij", "xy").equals("xy");
        List<Tensor> vectors = new ArrayList<>(call.all());
        if (!swapped || vectors.size() < 2) {
            return Tensor.meshgrid(vectors);
        }
        Collections.swap(vectors, 0, 1);
        List<Tensor> all = new ArrayList<>(Tensor.meshgrid(vectors));
        Collections.swap(all, 0, 1);
        return all;
    }

    private static Tensor turned(Call call) {
        int[] dims = call.has("dims") ? call.integers("dims") : new int[] {0, 1};
        Tensor x = call.in("x");
        for (int i = 0; i < Math.floorMod(call.integer("k", 1), 4); i++) {
            x = x.flip(dims[1]).transpose(dims[0], dims[1]);
        }
        return x;
    }

    private static Tensor shuffled(Call call) {
        Tensor x = call.in("x");
        int groups = call.integer("groups");
        int[] dims = x.shape().dims();
        Tensor apart = x.reshape(dims[0], groups, dims[1] / groups, -1);
        return apart.transpose(1, 2).reshape(x.shape());
    }

    private static Tensor unfold(Call call) {
        return call.in("x").unfold(call.integer("dim"), call.integer("size"), call.integer("step"));
    }

    // A single number is the size of every part.
    private static List<Tensor> split(Call call) {
        Tensor x = call.in("x");
        int dim = call.integer("dim", 0);
        String name = call.has("split_size") ? "split_size" : "sizes";
        int[] sizes = call.integers(name);
        return call.isList(name) ? x.split(dim, sizes) : x.splitEvery(dim, sizes[0]);
    }

    private static List<Tensor> chunk(Call call) {
        return call.in("x").chunk(call.integer("dim", 0), call.integer("chunks"));
    }

    private static List<Tensor> unbind(Call call) {
        Tensor x = call.in("x");
        int dim = call.integer("dim", 0);
        return IntStream.range(0, x.shape().dim(dim)).mapToObj(i -> select(x, dim, i)).toList();
    }
}
