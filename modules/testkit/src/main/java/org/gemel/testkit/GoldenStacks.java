package org.gemel.testkit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.gemel.DType;
import org.gemel.Gemel;
import org.gemel.Index;
import org.gemel.Shape;
import org.gemel.Tensor;
import org.gemel.testkit.GoldenOps.Table;

/// Golden operations that put tensors together, take them apart, or write one into another.
final class GoldenStacks {
    private GoldenStacks() {}

    static void fill(Table ops) {
        ops.put("clone", c -> c.in("x"));
        ops.put("contiguous", c -> c.in("x"));
        ops.put("expand_as", c -> c.in("a").expand(c.in("b").shape()));
        ops.put("view_as", c -> c.in("a").reshape(c.in("b").shape()));
        ops.put("reshape_as", c -> c.in("a").reshape(c.in("b").shape()));
        ops.put("ravel", c -> c.in("x").reshape(-1));
        ops.put("t", c -> turned(c.in("x")));
        ops.put("adjoint", c -> c.in("x").transpose());
        ops.put("fliplr", c -> c.in("x").flip(1));
        ops.put("flipud", c -> c.in("x").flip(0));
        ops.put("unflatten", GoldenStacks::unflatten);
        ops.put("repeat", c -> c.in("x").tile(c.integers("reps")));
        ops.put("diag", GoldenStacks::diag);
        ops.put("as_strided", GoldenStacks::strided);
        for (int rank = 1; rank <= 3; rank++) {
            int least = rank;
            ops.put("atleast_" + rank + "d", c -> atLeast(c.in("x"), least));
        }
        ops.put("hstack", c -> joined(c, 1, x -> x.shape().rank() > 1));
        ops.put("vstack", c -> Tensor.concat(least(c, 2), 0));
        ops.put("row_stack", c -> Tensor.concat(least(c, 2), 0));
        ops.put("dstack", c -> Tensor.concat(least(c, 3), 2));
        ops.put("column_stack", GoldenStacks::columns);
        ops.put("select_scatter", c -> written(c, c.integer("index"), 1, 1));
        ops.put("slice_scatter", GoldenStacks::slice);
        ops.put("diagonal_scatter", GoldenStacks::diagonal);
        ops.put("masked_scatter", GoldenStacks::masked);
        ops.put("put", GoldenStacks::put);
        ops.put("zeros_like", c -> c.in("x").zerosLike());
        ops.put("ones_like", c -> c.in("x").onesLike());
        ops.put("full_like", c -> Tensor.full(c.in("x").type(), c.number("value")));
        ops.put("msort", c -> c.in("x").sort(0, false).values());
    }

    static Map<String, Function<Call, List<Tensor>>> several() {
        return Map.of(
                "tensor_split", c -> parts(c, c.integer("dim", 0)),
                "hsplit", c -> parts(c, c.in("x").shape().rank() > 1 ? 1 : 0),
                "vsplit", c -> parts(c, 0),
                "dsplit", c -> parts(c, 2),
                "broadcast_tensors", GoldenStacks::broadcast);
    }

    private static Tensor turned(Tensor x) {
        return x.shape().rank() < 2 ? x : x.transpose();
    }

    private static Tensor unflatten(Call call) {
        Tensor x = call.in("x");
        int at = x.shape().axis(call.integer("dim"));
        int[] dims = x.shape().dims();
        int[] sizes = call.integers(call.has("sizes") ? "sizes" : "unflattened_size");
        int[] all =
                IntStream.concat(
                                IntStream.concat(Arrays.stream(dims, 0, at), Arrays.stream(sizes)),
                                Arrays.stream(dims, at + 1, dims.length))
                        .toArray();
        return x.reshape(all);
    }

    // A vector on a diagonal, or the diagonal of a matrix.
    private static Tensor diag(Call call) {
        Tensor x = call.in("x");
        int offset = call.integer("diagonal", 0);
        return x.shape().rank() == 1 ? x.diagonalMatrix(offset, 0, 1) : x.diagonal(offset, 0, 1);
    }

    private static Tensor strided(Call call) {
        int[] size = call.integers("size");
        int[] stride = call.integers("stride");
        Shape shape = Shape.of(size);
        long[] places = new long[Math.toIntExact(shape.size())];
        for (int i = 0; i < places.length; i++) {
            long place = call.integer("storage_offset", 0);
            int rest = i;
            for (int d = size.length - 1; d >= 0; d--) {
                place += (long) (rest % size[d]) * stride[d];
                rest /= size[d];
            }
            places[i] = place;
        }
        return call.in("x").reshape(-1).take(Gemel.tensor(places, size));
    }

    // As NumPy: a vector is a row, and a matrix a stack of vectors.
    private static Tensor atLeast(Tensor x, int rank) {
        Tensor y = x.shape().rank() == 0 ? x.reshape(1) : x;
        y = rank > 1 && y.shape().rank() == 1 ? y.unsqueeze(0) : y;
        return rank > 2 && y.shape().rank() == 2 ? y.unsqueeze(2) : y;
    }

    private static List<Tensor> least(Call call, int rank) {
        return call.all().stream().map(x -> atLeast(x, rank)).toList();
    }

    private static Tensor joined(Call call, int axis, Predicate<Tensor> wide) {
        List<Tensor> all = least(call, 1);
        return Tensor.concat(all, wide.test(all.getFirst()) ? axis : 0);
    }

    private static Tensor columns(Call call) {
        return Tensor.concat(
                call.all().stream().map(x -> x.shape().rank() < 2 ? x.reshape(-1, 1) : x).toList(),
                1);
    }

    // The source in the place of a slice, whose dimension it may lack.
    private static Tensor written(Call call, int start, int count, int step) {
        Tensor x = call.in("x");
        int at = x.shape().axis(call.integer("dim", 0));
        int size = x.shape().dim(at);
        long[] places = new long[count];
        Arrays.setAll(places, i -> (start < 0 ? start + size : start) + (long) i * step);
        Tensor source = call.in("src");
        Tensor rows = source.shape().rank() < x.shape().rank() ? source.unsqueeze(at) : source;
        return x.indexCopy(at, Gemel.tensor(places, count), rows);
    }

    private static Tensor slice(Call call) {
        Tensor x = call.in("x");
        int size = x.shape().dim(x.shape().axis(call.integer("dim", 0)));
        int start = bound(call.integer("start", 0), size);
        int end = bound(call.integer("end", size), size);
        int step = call.integer("step", 1);
        return written(call, start, Math.max(0, Math.ceilDiv(end - start, step)), step);
    }

    private static int bound(int place, int size) {
        return Math.clamp(place < 0 ? place + size : place, 0, size);
    }

    private static Tensor diagonal(Call call) {
        Tensor x = call.in("x");
        int first = call.integer("dim1", 0);
        int second = call.integer("dim2", 1);
        int offset = call.integer("offset", 0);
        Tensor places =
                Tensor.arange(Math.toIntExact(x.size()), DType.I64)
                        .reshape(x.shape())
                        .diagonal(offset, first, second);
        Tensor flat = x.reshape(-1);
        Tensor source = call.in("src").reshape(-1);
        return flat.indexCopy(0, places.reshape(-1), source).reshape(x.shape());
    }

    // The elements of the source in order, as many as the mask has places.
    private static Tensor masked(Call call) {
        Tensor x = call.in("x");
        Tensor mask = call.in("mask").expand(x.shape());
        Tensor places = mask.reshape(-1).nonzero().reshape(-1);
        Optional<Tensor> named = call.optional("source");
        Tensor source = named.orElseGet(() -> call.in("src")).reshape(-1);
        Tensor used = source.slice(0, 0, places.shape().dim(0), 1);
        return x.reshape(-1).indexCopy(0, places, used).reshape(x.shape());
    }

    private static Tensor put(Call call) {
        Tensor x = call.in("x");
        Index places = Index.tensor(call.in("index").reshape(-1));
        Optional<Tensor> named = call.optional("source");
        Tensor source = named.orElseGet(() -> call.in("src")).reshape(-1);
        Tensor flat = x.reshape(-1);
        Tensor changed =
                call.flag("accumulate")
                        ? flat.withAdded(source, places)
                        : flat.with(source, places);
        return changed.reshape(x.shape());
    }

    // A number of parts as equal as can be, or the places where they begin.
    private static List<Tensor> parts(Call call, int dim) {
        Tensor x = call.in("x");
        int size = x.shape().dim(x.shape().axis(dim));
        String name =
                List.of("indices_or_sections", "sections", "indices", "split_size_or_sections")
                        .stream()
                        .filter(call::has)
                        .findFirst()
                        .orElseThrow(() -> new Unsupported("the case has no sections"));
        int[] ends;
        if (call.isList(name)) {
            int[] given = call.integers(name);
            ends = Arrays.copyOf(given, given.length + 1);
            ends[given.length] = size;
        } else {
            ends = new int[call.integer(name)];
            int rest = size % ends.length;
            Arrays.setAll(ends, i -> (i + 1) * (size / ends.length) + Math.min(i + 1, rest));
        }
        List<Tensor> parts = new ArrayList<>();
        int from = 0;
        for (int end : ends) {
            int to = bound(end, size);
            parts.add(x.slice(dim, from, Math.max(from, to), 1));
            from = to;
        }
        return parts;
    }

    private static List<Tensor> broadcast(Call call) {
        Shape shape =
                call.all().stream()
                        .map(Tensor::shape)
                        .reduce(Shape.SCALAR, (a, b) -> Shape.broadcast("broadcast", a, b));
        return call.all().stream().map(x -> x.expand(shape)).toList();
    }
}
