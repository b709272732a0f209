package org.gemel.testkit;

import static org.gemel.Gemel.tensor;
import static org.gemel.Index.ALL;
import static org.gemel.Index.ELLIPSIS;
import static org.gemel.Index.NEW_AXIS;
import static org.gemel.Index.at;
import static org.gemel.Index.before;
import static org.gemel.Index.every;
import static org.gemel.Index.from;
import static org.gemel.Index.places;
import static org.gemel.Index.slice;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.gemel.Accumulation;
import org.gemel.DType;
import org.gemel.Index;
import org.gemel.Shape;
import org.gemel.Tensor;
import org.gemel.TypeException;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Indexing, sorting and running operations as users of NumPy and PyTorch know them, in all modes.
class IndexingTest {
    private static Tensor counting(int... dims) {
        Shape shape = Shape.of(dims);
        return Tensor.arange((int) shape.size(), DType.F64).reshape(shape);
    }

    private static Tensor reals(double... values) {
        return tensor(values, values.length);
    }

    private static Tensor longs(long... values) {
        return tensor(values, values.length);
    }

    private static Tensor pairs() {
        return tensor(new long[] {1, 2, 1, 0, 1, 2, 0, 5}, 4, 2);
    }

    // Of 10, 20, 30: 2, 3 and 4 come to the last, 5 to the first.
    private static Row reduction(Accumulation how, boolean self, double... values) {
        return row(
                "scatterReduce " + how + " " + self,
                reals(10, 20, 30),
                t -> t.scatterReduce(0, longs(2, 2, 0, 2), reals(2, 3, 5, 4), how, self),
                "[3]",
                values);
    }

    private static List<Row> reductions() {
        double nan = Double.NaN;
        Tensor m = counting(2, 3);
        return List.of(
                reduction(Accumulation.SUM, true, 15, 20, 39),
                reduction(Accumulation.SUM, false, 5, 20, 9),
                reduction(Accumulation.PRODUCT, true, 50, 20, 720),
                reduction(Accumulation.PRODUCT, false, 5, 20, 24),
                reduction(Accumulation.MEAN, true, 7.5, 20, 9.75),
                reduction(Accumulation.MEAN, false, 5, 20, 3),
                reduction(Accumulation.LARGEST, true, 10, 20, 30),
                reduction(Accumulation.LARGEST, false, 5, 20, 4),
                reduction(Accumulation.SMALLEST, true, 5, 20, 2),
                reduction(Accumulation.SMALLEST, false, 5, 20, 2),
                row(
                        "of integers",
                        longs(-7, 9),
                        t -> t.scatterReduce(0, longs(0, 0), longs(-8, 0), Accumulation.MEAN, true),
                        "[2]",
                        -5,
                        9),
                row(
                        "the smallest integer",
                        longs(5, 9),
                        t ->
                                t.scatterReduce(
                                        0,
                                        longs(0, 1, 0),
                                        longs(7, Long.MIN_VALUE, 6),
                                        Accumulation.SMALLEST,
                                        true),
                        "[2]",
                        5,
                        Long.MIN_VALUE),
                row(
                        "NaN wins",
                        reals(1, 2),
                        t ->
                                t.scatterReduce(
                                        0,
                                        longs(0, 0, 1),
                                        reals(nan, 5, 0),
                                        Accumulation.SMALLEST,
                                        false),
                        "[2]",
                        nan,
                        0),
                row(
                        "of fewer",
                        m,
                        t ->
                                t.scatterReduce(
                                        1,
                                        tensor(new long[] {2, 2}, 1, 2),
                                        counting(2, 2).add(3),
                                        Accumulation.PRODUCT,
                                        true),
                        "[2, 3]",
                        0,
                        1,
                        24,
                        3,
                        4,
                        5),
                row(
                        "of none",
                        reals(1, 2),
                        t -> t.scatterReduce(0, longs(), reals(), Accumulation.LARGEST, false),
                        "[2]",
                        1,
                        2),
                row(
                        "indexReduce",
                        m,
                        t ->
                                t.indexReduce(
                                        1,
                                        longs(2, 2),
                                        counting(2, 2),
                                        Accumulation.LARGEST,
                                        false),
                        "[2, 3]",
                        0,
                        1,
                        1,
                        3,
                        4,
                        3));
    }

    /// A function of `x`, and what it gives.
    private record Row(
            String name, Tensor x, Function<Tensor, Tensor> f, String shape, double... values) {}

    private static Row row(
            String name, Tensor x, Function<Tensor, Tensor> f, String shape, double... values) {
        return new Row(name, x, f, shape, values);
    }

    private static Row picks(String name, String shape, Tensor x, Index[] parts, double... values) {
        return row(name, x, t -> t.at(parts), shape, values);
    }

    private static Index[] parts(Index... parts) {
        return parts;
    }

    // x[i, j, k] = 12 i + 4 j + k
    private static List<Row> expressions() {
        Tensor x = counting(2, 3, 4);
        Tensor m = counting(3, 4);
        Index grid = Index.tensor(tensor(new long[] {0, 2}, 2, 1));
        return List.of(
                picks("x[1, 2]", "[4]", x, parts(at(1), at(-1)), 20, 21, 22, 23),
                picks("x[..., 1]", "[2, 3]", x, parts(ELLIPSIS, at(1)), 1, 5, 9, 13, 17, 21),
                picks("m[1:, ::-2]", "[2, 2]", m, parts(from(1), every(-2)), 7, 5, 11, 9),
                picks(
                        "m[-9:9, 1:-1]",
                        "[3, 2]",
                        m,
                        parts(slice(-9, 9), slice(1, -1)),
                        1,
                        2,
                        5,
                        6,
                        9,
                        10),
                picks("m[5:, :2]", "[0, 2]", m, parts(from(5), before(2))),
                picks("m[3:0:-1, 0]", "[2]", m, parts(slice(3, 0, -1), at(0)), 8, 4),
                picks("m[0, None, 2:]", "[1, 2]", m, parts(at(0), NEW_AXIS, from(2)), 2, 3),
                picks("m[[2, -3]]", "[2, 4]", m, parts(places(2, -3)), 8, 9, 10, 11, 0, 1, 2, 3),
                picks("m[:, [3, 0]]", "[3, 2]", m, parts(ALL, places(3, 0)), 3, 0, 7, 4, 11, 8),
                picks("m[[0, 2], [1, 3]]", "[2]", m, parts(places(0, 2), places(1, 3)), 1, 11),
                picks("m[[[0], [2]], [1, 3]]", "[2, 2]", m, parts(grid, places(1, 3)), 1, 3, 9, 11),
                picks(
                        "x[:, [0, 2], [1, 3]]",
                        "[2, 2]",
                        x,
                        parts(ALL, places(0, 2), places(1, 3)),
                        1,
                        11,
                        13,
                        23),
                picks(
                        "x[[0, 1], :, [1, 3]]: arrays apart go in front",
                        "[2, 3]",
                        x,
                        parts(places(0, 1), ALL, places(1, 3)),
                        1,
                        5,
                        9,
                        15,
                        19,
                        23),
                picks(
                        "x[1, :, [1, 3]]: an integer counts as an array",
                        "[2, 3]",
                        x,
                        parts(at(1), ALL, places(1, 3)),
                        13,
                        17,
                        21,
                        15,
                        19,
                        23),
                picks(
                        "x[1, [0, 2], ::3]",
                        "[2, 2]",
                        x,
                        parts(at(1), places(0, 2), every(3)),
                        12,
                        15,
                        20,
                        23),
                picks(
                        "x[..., None, [3]]",
                        "[2, 3, 1, 1]",
                        x,
                        parts(ELLIPSIS, NEW_AXIS, places(3)),
                        3,
                        7,
                        11,
                        15,
                        19,
                        23),
                picks("m[[]]", "[0, 4]", m, parts(places())));
    }

    private static List<Row> others() {
        Tensor m = counting(3, 4);
        Tensor v = reals(3, 1, 2, 1);
        double nan = Double.NaN;
        double inf = Double.POSITIVE_INFINITY;
        return List.of(
                row("x[1:3] = 9", v, t -> t.with(9, slice(1, 3)), "[4]", 3, 9, 9, 1),
                row(
                        "x[[0, 0]] = the last one",
                        v,
                        t -> t.with(reals(7, 8), places(0, 0)),
                        "[4]",
                        8,
                        1,
                        2,
                        1),
                row(
                        "x[[0, 0, 3]] += 1",
                        v,
                        t -> t.withAdded(reals(1), places(0, 0, 3)),
                        "[4]",
                        5,
                        1,
                        2,
                        2),
                row(
                        "m[[2, 0], 1:3] = ..",
                        counting(3, 3),
                        t -> t.with(reals(50, 60), places(2, 0), from(1)),
                        "[3, 3]",
                        0,
                        50,
                        60,
                        3,
                        4,
                        5,
                        6,
                        50,
                        60),
                row(
                        "gather of fewer",
                        m,
                        t -> t.gather(0, tensor(new long[] {2, 0}, 1, 2)),
                        "[1, 2]",
                        8,
                        1),
                row(
                        "scatter of fewer",
                        counting(2, 3),
                        t -> t.scatter(1, tensor(new long[] {2, 0}, 1, 2), counting(2, 2).add(10)),
                        "[2, 3]",
                        11,
                        1,
                        10,
                        3,
                        4,
                        5),
                row(
                        "take_along_dim broadcasts",
                        m,
                        t -> t.takeAlong(tensor(new long[] {-1, 0}, 1, 2), 1),
                        "[3, 2]",
                        3,
                        0,
                        7,
                        4,
                        11,
                        8),
                row("take", m, t -> t.take(longs(-1, 5)), "[2]", 11, 5),
                row("one_hot", longs(2, 0), t -> t.oneHot(3), "[2, 3]", 0, 0, 1, 1, 0, 0),
                row("cumsum", v, t -> t.cumsum(0), "[4]", 3, 4, 6, 7),
                row("cumprod", v, t -> t.cumprod(-1), "[4]", 3, 3, 6, 6),
                row("cummax", reals(1, 3, 3, 2), t -> t.cummax(0).values(), "[4]", 1, 3, 3, 3),
                row("cummax at", reals(1, 3, 3, 2), t -> t.cummax(0).indices(), "[4]", 0, 1, 2, 2),
                row("cummin at", reals(1, nan, 0), t -> t.cummin(0).indices(), "[3]", 0, 1, 1),
                row(
                        "logcumsumexp",
                        reals(-inf, -1000, -1000, 0),
                        t -> t.logCumSumExp(0),
                        "[4]",
                        -inf,
                        -1000,
                        -1000 + Math.log(2),
                        0),
                row("sort", v, t -> t.sort(0, false).values(), "[4]", 1, 1, 2, 3),
                row("argsort is stable", v, t -> t.argsort(0, false), "[4]", 1, 3, 2, 0),
                row("and descending", v, t -> t.argsort(0, true), "[4]", 0, 2, 1, 3),
                row("NaN last", reals(nan, -inf, inf), t -> t.argsort(0, false), "[3]", 1, 2, 0),
                row("topk", m, t -> t.topk(2, 1, true).indices(), "[3, 2]", 3, 2, 3, 2, 3, 2),
                row("kth", v, t -> t.kthValue(3, 0).values(), "[1]", 2),
                row("median", v, t -> t.median(0).values(), "[1]", 1),
                row("quantile", reals(4, 1, 3, 2), t -> t.quantile(0.25, 0), "[]", 1.75),
                row("the largest", m, t -> t.quantile(1, 1), "[3]", 3, 7, 11),
                row("quantile of NaN", reals(1, nan), t -> t.quantile(0, 0), "[]", nan),
                row(
                        "histogram",
                        reals(-1, 0, 0.4, 1, 2, nan, 2.1),
                        t -> t.histogram(4, 0, 2),
                        "[4]",
                        2,
                        0,
                        1,
                        1),
                row("median of NaN", reals(1, nan, 2), t -> t.median(0).indices(), "[1]", 1),
                row(
                        "searchsorted",
                        reals(1, 2, 2, 5),
                        t -> t.searchSorted(reals(0, 1, 2, 3, 5, 9, nan), false),
                        "[7]",
                        0,
                        0,
                        1,
                        3,
                        3,
                        4,
                        4),
                row(
                        "searchsorted right",
                        reals(1, 2, 2, 5),
                        t -> t.searchSorted(reals(0, 1, 2, 3, 5), true),
                        "[5]",
                        0,
                        1,
                        3,
                        3,
                        4),
                row("repeat", v, t -> t.repeatInterleave(2, 0), "[8]", 3, 3, 1, 1, 2, 2, 1, 1),
                row("roll", v, t -> t.roll(-5, 0), "[4]", 1, 2, 1, 3),
                row("tile", reals(1, 2), t -> t.tile(2, 2), "[2, 4]", 1, 2, 1, 2, 1, 2, 1, 2),
                row("diagonal", m, t -> t.diagonal(1, 0, 1), "[3]", 1, 6, 11),
                row("diagonal below", m, t -> t.diagonal(-1, 1, 0), "[3]", 1, 6, 11),
                row("no diagonal", m, t -> t.diagonal(4, 0, 1), "[0]"),
                row(
                        "diag_embed",
                        reals(5, 6),
                        t -> t.diagonalMatrix(-1, 0, 1),
                        "[3, 3]",
                        0,
                        0,
                        0,
                        5,
                        0,
                        0,
                        0,
                        6,
                        0),
                row("trace", m, Tensor::trace, "[]", 15),
                row("unfold", v, t -> t.unfold(0, 2, 1), "[3, 2]", 3, 1, 1, 2, 2, 1),
                row("any", reals(0, 0), t -> t.any().to(DType.I64), "[]", 0),
                row("all of none", reals(), t -> t.all().to(DType.I64), "[]", 1),
                row("any of none", reals(), t -> t.any().to(DType.I64), "[]", 0),
                row("norm 0", reals(0, 2, nan), t -> t.norm(0), "[]", 2),
                row("norm -inf", reals(-3, 2), t -> t.norm(-inf), "[]", 2),
                row("variance", v, t -> t.variance(1), "[]", 2.75 / 3));
    }

    // They read their input: the shape of the result depends on it.
    private static List<Row> dependingOnElements() {
        Tensor m = counting(2, 3);
        Tensor v = reals(3, 1, 3, 2);
        return List.of(
                row("m[m > 3]", m, t -> t.at(t.gt(3)), "[2]", 4, 5),
                row(
                        "m[:, mask]",
                        m,
                        t -> t.at(ALL, Index.tensor(tensor(new boolean[] {true, false, true}))),
                        "[2, 2]",
                        0,
                        2,
                        3,
                        5),
                row(
                        "m[m > 3] = -1",
                        m,
                        t -> t.with(-1, Index.tensor(t.gt(3))),
                        "[2, 3]",
                        0,
                        1,
                        2,
                        3,
                        -1,
                        -1),
                row("masked_select", m, t -> t.maskedSelect(t.lt(2)), "[2]", 0, 1),
                row("of none", m, t -> t.maskedSelect(t.lt(0)), "[0]"),
                row("nonzero", reals(0, 2, 0, 1), Tensor::nonzero, "[2, 1]", 1, 3),
                row(
                        "nonzero of a matrix",
                        m.sub(1).relu(),
                        Tensor::nonzero,
                        "[4, 2]",
                        0,
                        2,
                        1,
                        0,
                        1,
                        1,
                        1,
                        2),
                row("unique", v, t -> t.unique().values(), "[3]", 1, 2, 3),
                row("unique inverse", v, t -> t.unique().inverse(), "[4]", 2, 0, 2, 1),
                row("unique counts", v, t -> t.unique().counts(), "[3]", 1, 1, 2),
                row("unique of none", reals(), t -> t.unique().values(), "[0]"),
                row("unique rows", pairs(), t -> t.unique(0).values(), "[3, 2]", 0, 5, 1, 0, 1, 2),
                row("unique rows at", pairs(), t -> t.unique(0).inverse(), "[4]", 2, 1, 2, 0),
                row("unique rows, how many", pairs(), t -> t.unique(-2).counts(), "[3]", 1, 1, 2),
                row(
                        "unique columns",
                        pairs().transpose(),
                        t -> t.unique(1).values(),
                        "[2, 3]",
                        0,
                        1,
                        1,
                        5,
                        0,
                        2),
                row(
                        "unique of no rows",
                        reals().reshape(0, 2),
                        t -> t.unique(0).values(),
                        "[0, 2]"),
                row("runs", v, t -> t.uniqueConsecutive().values(), "[4]", 3, 1, 3, 2),
                row(
                        "runs at",
                        longs(4, 4, 1, 4),
                        t -> t.uniqueConsecutive().inverse(),
                        "[4]",
                        0,
                        0,
                        1,
                        2),
                row(
                        "runs' lengths",
                        longs(4, 4, 1, 4),
                        t -> t.uniqueConsecutive().counts(),
                        "[3]",
                        2,
                        1,
                        1),
                row("bincount", longs(1, 3, 1), t -> t.binCount(0), "[4]", 0, 2, 0, 1),
                row("bincount of none", longs(), t -> t.binCount(2), "[2]", 0, 0),
                row("repeats", v, t -> t.repeatInterleave(longs(0, 2, 1, 0), 0), "[3]", 1, 1, 3));
    }

    @TestFactory
    Stream<DynamicTest> givesWhatOthersGive() {
        List<Row> rows = new ArrayList<>(expressions());
        rows.addAll(others());
        rows.addAll(reductions());
        Stream<DynamicTest> everywhere =
                Arrays.stream(Modes.values())
                        .flatMap(mode -> rows.stream().map(row -> test(row, mode)));
        return Stream.concat(
                everywhere, dependingOnElements().stream().map(row -> test(row, Modes.EAGER)));
    }

    private static DynamicTest test(Row row, Modes mode) {
        return DynamicTest.dynamicTest(
                row.name() + " " + mode,
                () -> {
                    List<Tensor> found =
                            mode.run(in -> List.of(row.f().apply(in.getFirst())), List.of(row.x()));
                    assertEquals(row.shape(), found.getFirst().shape().toString());
                    assertArrayEquals(row.values(), found.getFirst().toDoubleArray(), 1e-12);
                });
    }

    private static void fails(String message, Supplier<Tensor> wrong) {
        TypeException error = assertThrows(TypeException.class, wrong::get);
        assertTrue(error.getMessage().startsWith(message), error.getMessage());
    }

    @Test
    void saysWhatIsWrong() {
        Tensor m = counting(3, 4);
        fails(
                "at: expects a place from -3 to 2 along dimension 0 of [3, 4], but got 3;",
                () -> m.at(3));
        fails(
                "at: expects at most 2 dimensions and one ellipsis for shape [3, 4], but got 3 and 0;",
                () -> m.at(0, 0, 0));
        fails("at: expects indices from -3 to 2, but got 7 at place 1;", () -> m.at(longs(0, 7)));
        fails(
                "at: expects a mask of the dimensions that it stands for, [3, 4], but got bool[3, 3];",
                () -> m.at(counting(3, 3).gt(0)));
        fails("at: shapes [2] and [3] do not broadcast", () -> m.at(places(0, 1), places(0, 1, 2)));
        fails("at: expects indices of type i64, but got f64[2];", () -> m.at(reals(0, 1)));
        fails(
                "gather: expects indices from 0 to 2, but got -1 at place 0;",
                () -> m.gather(0, tensor(new long[] {-1}, 1, 1)));
        fails("gather: expects an index of the rank of f64[3, 4]", () -> m.gather(0, longs(1)));
        fails(
                "indexSelect: expects indices from 0 to 3, but got 4 at place 0;",
                () -> m.indexSelect(1, longs(4)));
        fails(
                "indexSelect: expects a vector of indices, but got i64[1, 1];",
                () -> m.indexSelect(1, tensor(new long[] {1}, 1, 1)));
        fails(
                "indexAdd: expects a source [2, 4], a row of f64[3, 4] for each index, but got f64[4];",
                () -> m.indexAdd(0, longs(0, 1), reals(1, 2, 3, 4)));
        fails(
                "embedding: expects indices from 0 to 2, but got 3 at place 0;",
                () -> m.embedding(longs(3)));
        fails(
                "embedding: expects a padding index from -3 to 2, but got 3;",
                () -> m.embedding(longs(0), 3));
        fails(
                "oneHot: expects indices from 0 to 1, but got 2 at place 0;",
                () -> longs(2).oneHot(2));
        fails(
                "topk: expects k from 0 to 4 along dimension 1 of f64[3, 4], but got 5;",
                () -> m.topk(5, 1, true).values());
        fails("kthValue: expects k from 1 to 4", () -> m.kthValue(0, 1).values());
        fails("median: expects at least one element", () -> counting(0).median(0).values());
        fails("searchSorted: expects a sorted vector", () -> m.searchSorted(reals(1), false));
        fails("binCount: expects a vector i64", () -> m.binCount(0));
        fails("quantile: expects a share in 0 .. 1", () -> m.quantile(1.5, 0));
        fails("quantile: expects a share in 0 .. 1", () -> counting(0).quantile(0.5, 0));
        fails("histogram: expects real numbers", () -> m.histogram(0, 0, 1));
        fails("histogram: expects real numbers", () -> m.histogram(3, 1, 1));
        fails("axis", () -> m.unique(2).values());
        Accumulation sum = Accumulation.SUM;
        fails(
                "scatterReduce: expects an index of the rank of f64[3, 4]",
                () -> m.scatterReduce(0, longs(0), m, sum, true));
        fails(
                "scatterReduce: expects indices from 0 to 2, but got 3",
                () -> m.scatterReduce(0, longs(3).reshape(1, 1), m, sum, true));
        fails(
                "indexReduce: expects a vector",
                () -> m.indexReduce(0, longs(0).reshape(1, 1), m, sum, true));
        fails("indexReduce: expects a source", () -> m.indexReduce(0, longs(0), m, sum, true));
        fails("binCount: expects indices from 0 to 1, but got -1", () -> longs(-1, 1).binCount(0));
        fails("maskedSelect: expects a bool mask", () -> m.maskedSelect(m));
        fails(
                "maskedFill: expects a mask and a value that broadcast to f64[1]",
                () -> reals(1).maskedFill(reals(1, 2).gt(0), 0));
        fails(
                "split: expects sizes whose sum is dimension 1 of f64[3, 4], but got [1, 2];",
                () -> m.split(1, 1, 2).getFirst());
        fails("chunk: expects at least 1 part, but got 0;", () -> m.chunk(0, 0).getFirst());
        fails("unfold: expects windows of 0 to 4 elements", () -> m.unfold(1, 5, 1));
        fails("diagonal: expects two dimensions, but got 1 twice;", () -> m.diagonal(0, 1, -1));
        fails("slice: expects a step other than 0", () -> m.at(every(0)));
    }
}
