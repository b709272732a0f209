package org.gemel.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.gemel.DType;
import org.gemel.Gemel;
import org.gemel.Shape;
import org.gemel.Tensor;
import org.gemel.TensorType;
import org.gemel.testkit.GoldenOps.Table;

/// Golden operations that make tensors of numbers, choose among elements, or count them.
final class GoldenFactories {
    private GoldenFactories() {}

    static void fill(Table ops) {
        ops.put("zeros", c -> full(c, 0));
        ops.put("ones", c -> full(c, 1));
        ops.put("full", c -> full(c, c.number("value")));
        ops.put("eye", GoldenFactories::identity);
        ops.put("arange", GoldenFactories::range);
        ops.put("cartesian_prod", GoldenFactories::products);
        ops.put("combinations", GoldenFactories::combinations);
        ops.put("pdist", GoldenFactories::distances);
    }

    static Map<String, Function<Call, List<Tensor>>> several() {
        return Map.of(
                "histogram", GoldenFactories::histogram,
                "unravel_index", GoldenFactories::coordinates,
                "gradient", GoldenFactories::gradient);
    }

    private static DType dtype(Call call, String otherwise) {
        return switch (call.word("dtype", otherwise)) {
            case "float32" -> DType.F32;
            case "float64" -> DType.F64;
            case "int64" -> DType.I64;
            default -> throw new Unsupported("attribute dtype = " + call.word("dtype", ""));
        };
    }

    private static Tensor full(Call call, double value) {
        Shape shape = Shape.of(call.integers("shape"));
        return Tensor.full(new TensorType(dtype(call, call.dtype()), shape), value);
    }

    private static Tensor identity(Call call) {
        int rows = call.integer("n");
        Tensor row = Tensor.arange(rows, DType.I64).unsqueeze(1);
        Tensor column = Tensor.arange(call.integer("m", rows), DType.I64);
        return row.eq(column).to(dtype(call, call.dtype()));
    }

    private static Tensor range(Call call) {
        double start = call.number("start", 0);
        double step = call.number("step", 1);
        int count = (int) Math.max(0, Math.ceil((call.number("end") - start) / step));
        boolean whole = start == Math.rint(start) && step == Math.rint(step);
        Tensor places = Tensor.arange(count, DType.F64).mul(step).add(start);
        return places.to(dtype(call, whole ? "int64" : call.dtype()));
    }

    private static Tensor products(Call call) {
        List<Tensor> all = call.all();
        return all.size() == 1
                ? all.getFirst()
                : Tensor.stack(
                        Tensor.meshgrid(all).stream().map(part -> part.reshape(-1)).toList(), 1);
    }

    private static Tensor combinations(Call call) {
        Tensor x = call.in("x");
        List<Long> places = new ArrayList<>();
        boolean again = call.flag("with_replacement");
        int each = call.integer("r", 2);
        choose(places, new int[each], 0, 0, x.shape().dim(0), again);
        long[] all = places.stream().mapToLong(Long::longValue).toArray();
        return x.take(Gemel.tensor(all, all.length / each, each));
    }

    // Ascending choices, one after the other.
    private static void choose(
            List<Long> places, int[] chosen, int at, int from, int end, boolean again) {
        if (at == chosen.length) {
            for (int place : chosen) {
                places.add((long) place);
            }
            return;
        }
        for (int place = from; place < end; place++) {
            chosen[at] = place;
            choose(places, chosen, at + 1, again ? place : place + 1, end, again);
        }
    }

    // The distances of all pairs of rows, each pair once.
    private static Tensor distances(Call call) {
        Tensor x = call.in("x");
        int rows = x.shape().dim(0);
        Tensor pairs = Tensor.upperTriangleIndices(rows, rows, 1);
        Tensor first = x.indexSelect(0, pairs.at(0));
        return first.sub(x.indexSelect(0, pairs.at(1))).norm(call.number("p", 2), 1);
    }

    private static List<Tensor> histogram(Call call) {
        Tensor x = call.in("x");
        int bins = call.integer("bins", 100);
        double[] range =
                call.has("range")
                        ? call.numbers("range")
                        : new double[] {x.amin().item(), x.amax().item()};
        if (range[0] == range[1]) {
            range = new double[] {range[0] - 0.5, range[1] + 0.5};
        }
        Tensor counts = x.histogram(bins, range[0], range[1]).to(x.dtype());
        double width = (range[1] - range[0]) / bins;
        Tensor heights = call.flag("density") ? counts.div(counts.sum()).div(width) : counts;
        return List.of(heights, Tensor.linspace(range[0], range[1], bins + 1, x.dtype()));
    }

    private static List<Tensor> coordinates(Call call) {
        Tensor rest = call.in("index");
        int[] shape = call.integers("shape");
        List<Tensor> all = new ArrayList<>();
        for (int d = shape.length - 1; d >= 0; d--) {
            all.addFirst(rest.remainder(shape[d]));
            rest = rest.floorDivide(shape[d]);
        }
        return all;
    }

    // Central differences, and one-sided ones at the ends.
    private static List<Tensor> gradient(Call call) {
        Tensor x = call.in("x");
        double gap = call.number("spacing", 1);
        if (call.integer("edge_order", 1) != 1) {
            throw new Unsupported("attribute edge_order other than 1");
        }
        List<Tensor> all = new ArrayList<>();
        int rank = x.shape().rank();
        for (int d = 0; d < rank; d++) {
            if (call.has("dims") && !contains(call.integers("dims"), d, rank)) {
                continue;
            }
            int size = x.shape().dim(d);
            Tensor inner = x.slice(d, 2, size, 1).sub(x.slice(d, 0, size - 2, 1)).div(2 * gap);
            Tensor first = x.slice(d, 1, 2, 1).sub(x.slice(d, 0, 1, 1)).div(gap);
            Tensor last = x.slice(d, size - 1, size, 1).sub(x.slice(d, size - 2, size - 1, 1));
            all.add(Tensor.concat(List.of(first, inner, last.div(gap)), d));
        }
        return all;
    }

    private static boolean contains(int[] dims, int axis, int rank) {
        for (int dim : dims) {
            if (Math.floorMod(dim, rank) == axis) {
                return true;
            }
        }
        return false;
    }
}
