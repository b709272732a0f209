package org.gemel.testkit.ops;

import static org.gemel.testkit.ops.OpCase.op;
import static org.gemel.testkit.ops.OpCase.ops;
import static org.gemel.testkit.ops.Operand.index;
import static org.gemel.testkit.ops.Operand.x;
import static org.gemel.testkit.ops.ReductionCases.pair;

import java.util.List;
import org.gemel.Tensor;
import org.gemel.Unique;

/// What puts elements in order or counts them.
final class OrderingCases {
    private OrderingCases() {}

    static List<OpCase> rows() {
        return List.of(
                ops("sort", in -> pair(in.getFirst().sort(1, true)), x("2 n")),
                ops("sort columns", in -> pair(in.getFirst().sort(0, false)), x("n 2")),
                op("argsort", x -> x.argsort(1, false), x("2 n")).constant(),
                ops("topk", in -> pair(in.getFirst().topk(2, 1, true)), x("2 n"))
                        .onnx("TopK")
                        .from(2),
                ops("topk smallest", in -> pair(in.getFirst().topk(1, 0, false)), x("n 3")).from(1),
                ops("kthValue", in -> pair(in.getFirst().kthValue(2, 1)), x("3 n")).from(2),
                ops("mode", in -> pair(in.getFirst().mode(1)), x("2 n")).from(1),
                ops("mode of few", in -> pair(in.getFirst().floor().mode(0)), x("n 3"))
                        .preparing()
                        .constant()
                        .from(1),
                ops("nanMedian", in -> pair(in.getFirst().nanMedian(1)), x("2 n")).from(1),
                op("isIn", Tensor::isIn, x("2 n"), x("n")).constant().upTo(207),
                ops("median", in -> pair(in.getFirst().median(1)), x("2 n")).from(1),
                ops(
                                "unique",
                                in -> {
                                    Unique found = in.getFirst().unique();
                                    return List.of(found.values(), found.inverse(), found.counts());
                                },
                                x("2 n"))
                        .onnx("Unique")
                        .constant()
                        .takesAll(),
                ops(
                                "uniqueConsecutive",
                                in -> {
                                    Unique found = in.getFirst().uniqueConsecutive();
                                    return List.of(found.values(), found.inverse(), found.counts());
                                },
                                x("n"))
                        .constant()
                        .takesAll(),
                op("searchSorted", (sorted, x) -> sorted.searchSorted(x, false), x("n"), x("3 n"))
                        .constant()
                        .upTo(207),
                op(
                                "searchSorted right",
                                (sorted, x) -> sorted.searchSorted(x, true),
                                x("2 n"),
                                x("2 5"))
                        .constant(),
                op("binCount", x -> x.binCount(3), index("7", "n")).constant(),
                op("binCount by weights", (x, w) -> x.binCount(w, 8), index("7", "n"), x("n"))
                        .within(4096));
    }
}
