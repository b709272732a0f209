package org.gemel.testkit.ops;

import static org.gemel.testkit.ops.OpCase.op;
import static org.gemel.testkit.ops.Operand.index;
import static org.gemel.testkit.ops.Operand.mask;
import static org.gemel.testkit.ops.Operand.x;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.gemel.Accumulation;
import org.gemel.Gemel;
import org.gemel.Index;
import org.gemel.Lookup;
import org.gemel.Tensor;

/// Elements by number, and what is made of such numbers.
final class IndexingCases {
    private static final Index[] PARTS = {Index.at(-1), Index.NEW_AXIS, Index.every(-2)};

    // Where bags begin; the second one is empty.
    private static final Tensor PLACES = Gemel.tensor(new long[] {0, 2, 2});

    private IndexingCases() {}

    static List<OpCase> rows() {
        List<OpCase> rows = new ArrayList<>(single());
        rows.addAll(lookups());
        for (Accumulation how : Accumulation.values()) {
            for (boolean self : new boolean[] {true, false}) {
                rows.add(
                        op(
                                        "scatterReduce " + how + " " + self,
                                        (x, i, s) -> x.scatterReduce(1, i, s, how, self),
                                        x("2 n"),
                                        index("n", "2 3"),
                                        x("2 3"))
                                .from(1));
                rows.add(
                        op(
                                "indexReduce " + how + " " + self,
                                (x, i, s) -> x.indexReduce(0, i, s, how, self),
                                x("3 2"),
                                index("3", "3"),
                                x("3 2")));
            }
        }
        rows.add(
                op(
                                "scatterReduce of zeros",
                                (x, i, s) ->
                                        x.scatterReduce(1, i, s.relu(), Accumulation.PRODUCT, true),
                                x("1 2"),
                                index("2", "1 n"),
                                x("1 n"))
                        .curvedAt(4)
                        .upTo(17)
                        .preparing());
        return rows;
    }

    private static List<OpCase> single() {
        return List.of(
                op("gather", (x, i) -> x.gather(1, i), x("3 n"), index("n", "3 2")).from(1),
                op("gather rows", (x, i) -> x.gather(0, i), x("4 2"), index("4", "n 1")),
                op(
                                "scatter",
                                (x, i, s) -> x.scatter(1, i, s),
                                x("2 n"),
                                index("n", "2 3"),
                                x("2 3"))
                        .from(1),
                op(
                        "scatter rows",
                        (x, i, s) -> x.scatter(0, i, s),
                        x("4 2"),
                        index("4", "n 1"),
                        x("n 2")),
                op(
                                "scatterAdd",
                                (x, i, s) -> x.scatterAdd(1, i, s),
                                x("2 5"),
                                index("5", "2 n"),
                                x("2 n"))
                        .within(4096),
                op("takeAlong", (x, i) -> x.takeAlong(i.sub(1), 1), x("3 n"), index("n", "1 4"))
                        .from(1),
                op("take", (x, i) -> x.take(i), x("n"), index("n", "2 3")).from(1),
                op("indexSelect", (x, i) -> x.indexSelect(1, i), x("2 n"), index("n", "4"))
                        .onnx("Gather")
                        .from(1),
                op(
                                "indexAdd",
                                (x, i, s) -> x.indexAdd(0, i, s),
                                x("3 2"),
                                index("3", "n"),
                                x("n 2"))
                        .within(4096),
                op(
                        "indexCopy",
                        (x, i, s) -> x.indexCopy(0, i, s),
                        x("3 2"),
                        index("3", "n"),
                        x("n 2")),
                op("embedding", (x, i) -> x.embedding(i), x("4 2"), index("4", "2 n")),
                op(
                                "embedding padded",
                                (x, i) -> x.embedding(i, 1).detach(),
                                x("4 2"),
                                index("4", "2 n"))
                        .constant(),
                op("oneHot", i -> i.oneHot(5), index("5", "2 n")).onnx("OneHot").constant(),
                op("maskedFill", (x, m) -> x.maskedFill(m, -1.5), x("2 n"), mask("n")),
                op(
                        "maskedFill by a tensor",
                        (x, m, v) -> x.maskedFill(m, v),
                        x("2 n"),
                        mask("n"),
                        x("")),
                op("maskedSelect", (x, m) -> x.maskedSelect(m), x("2 n"), mask("2 n")),
                op("nonzero", Tensor::nonzero, mask("2 n")).onnx("NonZero").constant().takesAll(),
                op("at", x -> x.at(PARTS), x("3 n")),
                op(
                                "at places",
                                (x, i) -> x.at(Index.from(1), Index.tensor(i)),
                                x("3 n"),
                                index("n", "4"))
                        .from(1),
                op("at a number", x -> x.at(1, 0), x("2 n 3")).from(1),
                op("at a mask", (x, m) -> x.at(m), x("n 2"), mask("n")),
                op("with", (x, v) -> x.with(v, PARTS), x("3 n"), x("")),
                op("with a number", x -> x.with(2, PARTS), x("3 n")),
                op(
                                "with places",
                                (x, i, v) -> x.with(v, Index.from(1), Index.tensor(i)),
                                x("3 n"),
                                index("n", "4"),
                                x("2 4"))
                        .from(1),
                op(
                                "withAdded",
                                (x, i, v) -> x.withAdded(v, Index.from(1), Index.tensor(i)),
                                x("3 n"),
                                index("n", "4"),
                                x("4"))
                        .from(1));
    }

    private static List<OpCase> lookups() {
        Lookup padded = Lookup.PLAIN.padding(-1);
        return List.of(
                op(
                                "embedding by frequency",
                                (x, i) -> x.embedding(i, padded.scaledByFrequency()).detach(),
                                x("4 2"),
                                index("4", "2 n"))
                        .constant(),
                op(
                                "embedding shrunk",
                                (x, i) -> x.embedding(i, Lookup.PLAIN.longest(1.5, 2)).detach(),
                                x("4 2"),
                                index("4", "2 n"))
                        .constant(),
                op(
                        "embeddingBag",
                        (x, i, w) ->
                                x.embeddingBag(i, Accumulation.SUM, Optional.of(w), Lookup.PLAIN),
                        x("4 2"),
                        index("4", "2 n"),
                        x("2 n")),
                op(
                        "embeddingBag mean",
                        (x, i) ->
                                x.embeddingBag(
                                        i, Accumulation.MEAN, Optional.empty(), Lookup.PLAIN),
                        x("4 2"),
                        index("4", "n 3")),
                op(
                        "embeddingBag largest",
                        (x, i) ->
                                x.embeddingBag(
                                        i, Accumulation.LARGEST, Optional.empty(), Lookup.PLAIN),
                        x("4 2"),
                        index("4", "2 n")),
                op(
                                "embeddingBag from places",
                                (x, i, w) ->
                                        x.embeddingBag(
                                                i,
                                                PLACES,
                                                Accumulation.SUM,
                                                Optional.of(w),
                                                Lookup.PLAIN),
                                x("4 2"),
                                index("4", "n"),
                                x("n"))
                        .within(4096),
                op(
                        "embeddingBag largest from places",
                        (x, i) ->
                                x.embeddingBag(
                                        i,
                                        PLACES,
                                        Accumulation.LARGEST,
                                        Optional.empty(),
                                        Lookup.PLAIN),
                        x("4 2"),
                        index("4", "n")));
    }
}
