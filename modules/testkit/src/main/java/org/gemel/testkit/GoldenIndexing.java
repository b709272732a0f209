package org.gemel.testkit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.gemel.Accumulation;
import org.gemel.Between;
import org.gemel.DType;
import org.gemel.Index;
import org.gemel.Indexed;
import org.gemel.Shape;
import org.gemel.Tensor;
import org.gemel.Unique;
import org.gemel.testkit.GoldenOps.Table;

/// Golden operations that take elements by index, sort them, or run along a dimension.
final class GoldenIndexing {
    private GoldenIndexing() {}

    static void fill(Table ops) {
        ops.put("gather", c -> c.in("x").gather(c.integer("dim"), c.in("index")));
        ops.put("take_along_dim", GoldenIndexing::takeAlong);
        ops.put("take_along_dim_flat", c -> c.in("x").take(c.in("index")));
        ops.put("take", c -> c.in("x").take(c.in("index")));
        ops.put("scatter", c -> scatter(c, "none"));
        ops.put("scatter_add", c -> scatter(c, "add"));
        ops.put("scatter_reduce", GoldenIndexing::scatterReduce);
        ops.put("index_reduce", GoldenIndexing::indexReduce);
        ops.put("index_select", c -> c.in("x").indexSelect(c.integer("dim"), c.in("index")));
        ops.put("index_add", GoldenIndexing::indexAdd);
        ops.put(
                "index_copy",
                c -> c.in("x").indexCopy(c.integer("dim"), c.in("index"), c.in("src")));
        ops.put("index_fill", GoldenIndexing::indexFill);
        ops.put("index", GoldenIndexing::indexed);
        ops.put("index_put", c -> put(c, c.flag("accumulate")));
        ops.put("index_put_add", c -> put(c, !c.has("accumulate") || c.flag("accumulate")));
        ops.put("inplace_like", GoldenIndexing::inPlaceLike);
        ops.put("one_hot", c -> oneHot(c.all().getFirst(), c.integer("num_classes", -1)));
        ops.put("masked_fill", GoldenIndexing::maskedFill);
        ops.put("masked_select", c -> c.in("x").maskedSelect(c.in("mask")));
        ops.put("argsort", c -> c.in("x").argsort(c.integer("dim", -1), descending(c)));
        ops.put("searchsorted", GoldenIndexing::searchSorted);
        ops.put("bucketize", GoldenIndexing::searchSorted);
        ops.put("bincount", GoldenIndexing::binCount);
        ops.put("argwhere", c -> c.in("x").nonzero());
        ops.put("isin", GoldenIndexing::isIn);
        ops.put("quantile", c -> quantile(c, Tensor::quantile));
        ops.put("nanquantile", c -> quantile(c, Tensor::nanQuantile));
        ops.put("histc", GoldenIndexing::histogram);
        ops.put("count_nonzero", GoldenIndexing::countNonzero);
        ops.put("diff", GoldenIndexing::diff);
        ops.put("cumsum", c -> GoldenReductions.summed(c).cumsum(c.integer("dim")));
        ops.put("cumprod", c -> GoldenReductions.summed(c).cumprod(c.integer("dim")));
        ops.put("logcumsumexp", c -> c.in("x").logCumSumExp(c.integer("dim")));
    }

    static Map<String, Function<Call, List<Tensor>>> several() {
        Map<String, Function<Call, List<Tensor>>> all = new HashMap<>();
        all.put("sort", c -> both(c.in("x").sort(c.integer("dim", -1), descending(c))));
        all.put("topk", GoldenIndexing::topk);
        all.put("nonzero", c -> places(c.in("x"), c.flag("as_tuple")));
        all.put("where", GoldenIndexing::chosen);
        all.put("cummax", c -> both(c.in("x").cummax(c.integer("dim"))));
        all.put("cummin", c -> both(c.in("x").cummin(c.integer("dim"))));
        all.put("kthvalue", c -> along(c, x -> x.kthValue(c.integer("k"), axis(c))));
        all.put("mode", c -> along(c, x -> x.mode(axis(c))));
        all.put("median", c -> median(c, Tensor::median));
        all.put("nanmedian", c -> median(c, Tensor::nanMedian));
        all.put("unique", GoldenIndexing::unique);
        all.put("unique_consecutive", c -> parts(c, c.in("x").uniqueConsecutive()));
        return all;
    }

    private static List<Tensor> both(Indexed found) {
        return List.of(found.values(), found.indices());
    }

    private static int axis(Call call) {
        return call.integer("dim", -1);
    }

    // The coordinates of what is not zero, or those of each dimension apart.
    private static List<Tensor> places(Tensor x, boolean apart) {
        Tensor places = x.nonzero();
        return apart
                ? IntStream.range(0, x.shape().rank())
                        .mapToObj(d -> GoldenShapes.select(places, 1, d))
                        .toList()
                : List.of(places);
    }

    private static List<Tensor> chosen(Call call) {
        return call.all().size() == 1
                ? places(call.all().getFirst(), true)
                : List.of(Tensor.where(call.in("cond"), call.in("a"), call.in("b")));
    }

    private static List<Tensor> along(Call call, Function<Tensor, Indexed> op) {
        List<Tensor> found = both(op.apply(call.in("x")));
        int axis = axis(call);
        return call.flag("keepdim")
                ? found
                : found.stream().map(tensor -> tensor.squeeze(axis)).toList();
    }

    // Of all elements without a dimension, and then without an index.
    private static List<Tensor> median(Call call, BiFunction<Tensor, Integer, Indexed> op) {
        return call.has("dim")
                ? along(call, x -> op.apply(x, axis(call)))
                : List.of(op.apply(call.in("x").reshape(-1), 0).values().squeeze(0));
    }

    // All sorts are stable, so nothing changes where that is asked for.
    private static boolean descending(Call call) {
        call.flag("stable");
        return call.flag("descending");
    }

    private static List<Tensor> topk(Call call) {
        if (call.has("sorted") && !call.flag("sorted")) {
            throw new Unsupported("attribute sorted = false, whose order nobody specifies");
        }
        boolean largest = !call.has("largest") || call.flag("largest");
        return both(call.in("x").topk(call.integer("k"), call.integer("dim", -1), largest));
    }

    private static Tensor takeAlong(Call call) {
        Tensor x = call.in("x");
        return call.has("dim")
                ? x.takeAlong(call.in("index"), call.integer("dim"))
                : x.take(call.in("index"));
    }

    private static Tensor scatter(Call call, String fallback) {
        Tensor x = call.in("x");
        Tensor index = call.in("index");
        Tensor source =
                call.optional("src")
                        .orElseGet(() ->
                                Tensor.full(index.type().with(x.dtype()), call.number("value")));
        int dim = call.integer("dim");
        return switch (call.word("reduce", fallback)) {
            case "none" -> x.scatter(dim, index, source);
            case "add", "sum" -> x.scatterAdd(dim, index, source);
            case "multiply", "prod" ->
                    x.scatterReduce(dim, index, source, Accumulation.PRODUCT, true);
            default -> throw new Unsupported("attribute reduce = " + call.word("reduce", ""));
        };
    }

    private static Accumulation accumulation(Call call) {
        return switch (call.oneOf("reduce", "sum", "prod", "mean", "amax", "amin")) {
            case "sum" -> Accumulation.SUM;
            case "prod" -> Accumulation.PRODUCT;
            case "mean" -> Accumulation.MEAN;
            case "amax" -> Accumulation.LARGEST;
            default -> Accumulation.SMALLEST;
        };
    }

    private static boolean includesSelf(Call call) {
        return !call.has("include_self") || call.flag("include_self");
    }

    private static Tensor scatterReduce(Call call) {
        return call.in("x")
                .scatterReduce(
                        call.integer("dim"),
                        call.in("index"),
                        call.in("src"),
                        accumulation(call),
                        includesSelf(call));
    }

    private static Tensor indexReduce(Call call) {
        return call.in("x")
                .indexReduce(
                        call.integer("dim"),
                        call.in("index"),
                        call.in("src"),
                        accumulation(call),
                        includesSelf(call));
    }

    private static Tensor indexAdd(Call call) {
        Tensor source = call.in("src");
        double alpha = call.number("alpha", 1);
        Tensor scaled = alpha == 1 ? source : source.mul(alpha);
        return call.in("x").indexAdd(call.integer("dim"), call.in("index"), scaled);
    }

    private static Tensor indexFill(Call call) {
        Tensor x = call.in("x");
        Tensor index = call.in("index");
        int dim = x.shape().axis(call.integer("dim"));
        Tensor rows =
                Tensor.full(
                        x.type().with(x.shape().with(dim, (int) index.size())),
                        call.number("value"));
        return x.indexCopy(dim, index, rows);
    }

    // All but x are integers and masks.
    private static Tensor indexed(Call call) {
        Tensor x = call.in("x");
        List<Tensor> others = call.all().stream().filter(tensor -> tensor != x).toList();
        if (others.stream().anyMatch(tensor -> tensor.dtype().isFloating())) {
            throw new Unsupported("inputs other than one and its indices");
        }
        return x.at(others.stream().map(Index::tensor).toArray(Index[]::new));
    }

    // All integers and masks, in order.
    private static Index[] arrays(Call call) {
        return call.all().stream()
                .filter(tensor -> !tensor.dtype().isFloating())
                .map(Index::tensor)
                .toArray(Index[]::new);
    }

    // Of the real inputs the first one is indexed, the last one holds the values.
    private static Tensor put(Call call, boolean adds) {
        List<Tensor> reals =
                call.all().stream().filter(tensor -> tensor.dtype().isFloating()).toList();
        Index[] places = arrays(call);
        if (reals.size() != 2 || places.length == 0) {
            throw new Unsupported("inputs other than two of reals and some of indices");
        }
        return adds
                ? reals.getFirst().withAdded(reals.getLast(), places)
                : reals.getFirst().with(reals.getLast(), places);
    }

    private static Tensor inPlaceLike(Call call) {
        Tensor x = call.in("x");
        Tensor doubled = x.with(x.at(1).mul(2), Index.at(0));
        Tensor y = doubled.withAdded(call.in("b"), Index.ALL, Index.at(1));
        return y.mul(y);
    }

    private static Tensor oneHot(Tensor index, int classes) {
        return index.oneHot(classes >= 0 ? classes : (int) index.amax().toLongArray()[0] + 1);
    }

    private static Tensor maskedFill(Call call) {
        Tensor x = call.in("x");
        Optional<Tensor> value = call.optional("value");
        return value.isPresent()
                ? x.maskedFill(call.in("mask"), value.get())
                : x.maskedFill(call.in("mask"), call.number("value"));
    }

    // The sorted one comes first unless the names say otherwise.
    private static Tensor searchSorted(Call call) {
        Optional<Tensor> sorter = call.optional("sorter");
        List<Tensor> all = new ArrayList<>(call.all());
        sorter.ifPresent(all::remove);
        if (all.size() != 2) {
            throw new Unsupported(all.size() + " inputs");
        }
        Tensor given =
                Stream.of("sorted", "sorted_sequence", "seq", "boundaries", "bins")
                        .flatMap(name -> call.optional(name).stream())
                        .findFirst()
                        .orElse(all.getFirst());
        Tensor values = all.get(given == all.getFirst() ? 1 : 0);
        Tensor sorted = sorter.map(order -> given.takeAlong(order, -1)).orElse(given);
        boolean right =
                call.oneOf("side", call.flag("right") ? "right" : "left", "left", "right")
                        .equals("right");
        Tensor places = sorted.searchSorted(values, right);
        return call.flag("out_int32") ? places.to(DType.I32) : places;
    }

    /// A share of the elements along an axis.
    private interface Quantile {
        Tensor of(Tensor x, double share, int axis, Between between);
    }

    // Of all elements without a dimension; of several shares, one after the other in front.
    private static Tensor quantile(Call call, Quantile op) {
        String word =
                call.oneOf("interpolation", "linear", "lower", "higher", "midpoint", "nearest");
        Between between = Between.valueOf(word.toUpperCase(Locale.ROOT));
        Tensor x = call.in("x");
        boolean all = !call.has("dim");
        Tensor rows = all ? x.reshape(-1) : x;
        int dim = all ? 0 : rows.shape().axis(call.integer("dim"));
        Function<Double, Tensor> one =
                share -> {
                    Tensor found = op.of(rows, share, dim, between);
                    return call.flag("keepdim")
                            ? found.reshape(all ? ones(x) : x.shape().with(dim, 1))
                            : found;
                };
        Optional<Tensor> shares = call.optional("q");
        if (shares.isPresent()) {
            double[] each = shares.get().toDoubleArray();
            return shares.get().shape().rank() == 0
                    ? one.apply(each[0])
                    : Tensor.stack(Arrays.stream(each).boxed().map(one).toList(), 0);
        }
        if (!call.isList("q")) {
            return one.apply(call.number("q"));
        }
        return Tensor.stack(Arrays.stream(call.numbers("q")).boxed().map(one).toList(), 0);
    }

    private static Shape ones(Tensor x) {
        int[] dims = new int[x.shape().rank()];
        Arrays.fill(dims, 1);
        return Shape.of(dims);
    }

    private static Tensor histogram(Call call) {
        Tensor x = call.in("x");
        int bins = call.integer("bins", 100);
        double low = call.number("min", 0);
        double high = call.number("max", 0);
        if (low == high) {
            low = x.amin().item();
            high = x.amax().item();
        }
        return x.histogram(bins, low, high).to(x.dtype());
    }

    private static Tensor countNonzero(Call call) {
        Tensor x = call.in("x");
        int[] dims = call.has("dim") ? call.integers("dim") : new int[0];
        return x.to(DType.BOOL).to(DType.I64).sum(dims);
    }

    private static Tensor diff(Call call) {
        int dim = call.integer("dim", -1);
        List<Tensor> parts = new ArrayList<>();
        call.optional("prepend").ifPresent(parts::add);
        parts.add(call.in("x"));
        call.optional("append").ifPresent(parts::add);
        Tensor x = Tensor.concat(parts, dim);
        for (int i = 0; i < call.integer("n", 1); i++) {
            int size = x.shape().dim(x.shape().axis(dim));
            x = x.slice(dim, 1, size, 1).sub(x.slice(dim, 0, size - 1, 1));
        }
        return x;
    }

    // The elements come first.
    private static Tensor isIn(Call call) {
        List<Tensor> all = call.all();
        if (all.size() != 2) {
            throw new Unsupported(all.size() + " inputs");
        }
        call.flag("assume_unique");
        Tensor found = all.getFirst().isIn(all.getLast());
        return call.flag("invert") ? found.not() : found;
    }

    private static Tensor binCount(Call call) {
        int atLeast = call.integer("minlength", 0);
        Tensor x = call.all().getFirst();
        if (call.all().size() > (call.optional("weights").isPresent() ? 2 : 1)) {
            throw new Unsupported("inputs other than one and its weights");
        }
        Tensor wide = x.to(DType.I64);
        return call.optional("weights")
                .map(weights -> wide.binCount(weights, atLeast))
                .orElseGet(() -> wide.binCount(atLeast));
    }

    private static List<Tensor> unique(Call call) {
        if (call.has("sorted") && !call.flag("sorted")) {
            throw new Unsupported("attribute sorted = false, whose order nobody specifies");
        }
        Tensor x = call.in("x");
        return parts(call, call.has("dim") ? x.unique(call.integer("dim")) : x.unique());
    }

    private static List<Tensor> parts(Call call, Unique found) {
        List<Tensor> all = new ArrayList<>(List.of(found.values()));
        if (call.flag("return_inverse")) {
            all.add(found.inverse());
        }
        if (call.flag("return_counts")) {
            all.add(found.counts());
        }
        return all;
    }
}
