package org.gemel.testkit;

import static org.gemel.Gemel.tensor;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.Stream;
import org.gemel.Accumulation;
import org.gemel.DType;
import org.gemel.Grad;
import org.gemel.Index;
import org.gemel.Tensor;
import org.gemel.TensorType;
import org.gemel.op.Recurrence;
import org.gemel.op.Samples;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// First and second derivatives of what takes by index, sorts, or runs along a dimension.
class IndexingGradTest {
    private record Row(String name, Function<List<Tensor>, Tensor> f, Tensor... at) {}

    private static Tensor random(int seed, int... dims) {
        TensorType type = TensorType.of(DType.F64, dims);
        return HostTensors.tensor(
                HostTensors.random(type, Samples.NONZERO, new SplittableRandom(seed)));
    }

    private static List<Row> rows() {
        Tensor x = random(1, 3, 4);
        Tensor y = random(2, 3, 2);
        Tensor zeros = tensor(new double[] {2, 0, 3, -1, 0, 0, 4, 5}, 2, 4);
        Tensor index = tensor(new long[] {3, 1, 0, 0, 2, 2}, 3, 2);
        Tensor rows = tensor(new long[] {2, 0, 2});
        Index[] places = {Index.tensor(rows), Index.from(1)};
        // Squared, so that second derivatives are not zero.
        return List.of(
                new Row("gather", in -> in.get(0).gather(1, index).square(), x),
                new Row("scatter", in -> in.get(0).scatter(1, index, in.get(1)).square(), x, y),
                new Row(
                        "scatter_add",
                        in -> in.get(0).scatterAdd(1, index, in.get(1)).square(),
                        x,
                        y),
                new Row("index_select", in -> in.get(0).indexSelect(0, rows).square(), x),
                new Row(
                        "index_add",
                        in -> in.get(0).indexAdd(0, rows, in.get(1)).square(),
                        x,
                        random(3, 3, 4)),
                new Row("take", in -> in.get(0).take(index).square(), x),
                new Row("at", in -> in.get(0).at(places).square(), x),
                new Row("with", in -> in.get(0).with(in.get(1), places).square(), x, random(4, 3)),
                new Row(
                        "with added",
                        in -> in.get(0).withAdded(in.get(1), places).square(),
                        x,
                        random(5, 3, 1)),
                new Row(
                        "embedding",
                        in -> in.get(0).embedding(index.minimum(rows.at(2))).square(),
                        x),
                new Row("cumsum", in -> in.get(0).cumsum(0).square(), x),
                new Row("cumprod", in -> in.get(0).cumprod(1), x),
                new Row("cumprod of zeros", in -> in.get(0).cumprod(1), zeros),
                new Row("prod of zeros", in -> in.get(0).prod(1), zeros),
                new Row("cummax", in -> in.get(0).cummax(1).values().square(), x),
                new Row("cummin", in -> in.get(0).cummin(0).values().square(), x),
                new Row("logcumsumexp", in -> in.get(0).logCumSumExp(1), x),
                new Row("sort", in -> in.get(0).sort(1, true).values().square(), x),
                new Row("topk", in -> in.get(0).topk(2, 1, false).values().square(), x),
                new Row("median", in -> in.get(0).median(0).values().square(), x),
                new Row("quantile", in -> in.get(0).quantile(0.3, 1).square(), x),
                new Row("unfold", in -> in.get(0).unfold(1, 2, 1).square(), x),
                new Row("diagonal", in -> in.get(0).diagonal(1, -2, -1).square(), x),
                new Row("diag_embed", in -> in.get(0).diagonalMatrix(1, 0, -1).square(), x),
                new Row("tril", in -> in.get(0).lowerTriangle(-1).square(), x),
                new Row("tile", in -> in.get(0).tile(2, 1, 2).square(), x),
                new Row("roll", in -> in.get(0).roll(1, 1).mul(in.get(0)), x),
                new Row("flip", in -> in.get(0).flip(0, 1).mul(in.get(0)), x),
                new Row("logsumexp", in -> in.get(0).logSumExp(0), x),
                new Row("variance", in -> in.get(0).variance(1, 1), x),
                new Row("deviation", in -> in.get(0).deviation(0, 0, 1), x),
                new Row("norm 2", in -> in.get(0).norm(2, 1), x),
                new Row("norm 3", in -> in.get(0).norm(3, 1), x),
                new Row(
                        "recurrence",
                        in -> Tensor.apply(new Recurrence(1, false), in).getFirst(),
                        x,
                        random(6, 3, 4)),
                new Row(
                        "recurrence backwards",
                        in -> Tensor.apply(new Recurrence(0, true), in).getFirst(),
                        x,
                        random(6, 3, 4)));
    }

    private static List<Row> reductions() {
        Tensor x = random(1, 3, 4);
        Tensor source = random(2, 3, 4);
        Tensor index = tensor(new long[] {3, 1, 3, 1, 0, 0, 0, 0, 2, 3, 2, 2}, 3, 4);
        Tensor rows = tensor(new long[] {2, 0, 2});
        List<Row> all = new ArrayList<>();
        for (Accumulation how : Accumulation.values()) {
            for (boolean self : new boolean[] {true, false}) {
                all.add(
                        new Row(
                                "scatterReduce " + how + " " + self,
                                in ->
                                        in.get(0)
                                                .scatterReduce(1, index, in.get(1), how, self)
                                                .square(),
                                x,
                                source));
                all.add(
                        new Row(
                                "indexReduce " + how + " " + self,
                                in -> in.get(0).indexReduce(0, rows, in.get(1), how, self).square(),
                                x,
                                source));
            }
        }
        Tensor zeros = tensor(new double[] {2, 0, 3, 0}, 1, 4);
        all.add(
                new Row(
                        "products of zeros",
                        in ->
                                in.get(0)
                                        .scatterReduce(
                                                1,
                                                tensor(new long[] {0, 0, 0, 1}, 1, 4),
                                                in.get(1),
                                                Accumulation.PRODUCT,
                                                true),
                        random(3, 1, 4),
                        zeros));
        return all;
    }

    @Test
    void tiesShareTheCotangentEqually() {
        Tensor index = tensor(new long[] {0, 0, 1});
        Function<List<Tensor>, Tensor> f =
                in ->
                        in.get(0)
                                .scatterReduce(0, index, in.get(1), Accumulation.LARGEST, true)
                                .sum();
        List<Tensor> at = List.of(tensor(new double[] {4, 1, 7}), tensor(new double[] {4, 4, 0}));
        for (Modes mode : Modes.values()) {
            List<Tensor> found = mode.run(in -> Grad.valueAndGrads(f).apply(in).grads(), at);
            assertArrayEquals(new double[] {1 / 3.0, 1, 1}, found.get(0).toDoubleArray(), 1e-15);
            assertArrayEquals(
                    new double[] {1 / 3.0, 1 / 3.0, 0}, found.get(1).toDoubleArray(), 1e-15);
        }
    }

    @Test
    void whereADeviationOrAPowerHasNoDerivativeItIsZero() {
        Tensor same = tensor(new double[] {2, 2, 2});
        assertArrayEquals(
                new double[3], Grad.grad(x -> x.deviation(1)).apply(same).toDoubleArray());
        Tensor zero = tensor(new double[] {0});
        assertEquals(0, Grad.grad(b -> zero.pow(b).sum()).apply(zero).toDoubleArray()[0]);
    }

    @TestFactory
    Stream<DynamicTest> everyRuleMeetsItsDifferencesToSecondOrder() {
        List<Row> rows = new ArrayList<>(rows());
        rows.addAll(reductions());
        return Arrays.stream(Modes.values())
                .flatMap(mode ->
                        rows.stream()
                                .map(row ->
                                        DynamicTest.dynamicTest(
                                                row.name() + " " + mode,
                                                () ->
                                                        GradCheck.in(mode)
                                                                .check(
                                                                        in ->
                                                                                List.of(
                                                                                        row.f()
                                                                                                .apply(
                                                                                                        in)),
                                                                        List.of(row.at())))));
    }
}
