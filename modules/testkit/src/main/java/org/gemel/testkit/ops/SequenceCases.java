package org.gemel.testkit.ops;

import static org.gemel.testkit.ops.OpCase.op;
import static org.gemel.testkit.ops.OpCase.ops;
import static org.gemel.testkit.ops.Operand.mask;
import static org.gemel.testkit.ops.Operand.x;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.gemel.Tensor;
import org.gemel.nn.Attention;
import org.gemel.nn.Cells;
import org.gemel.nn.MultiHeadAttention;
import org.gemel.nn.Recurrent;

/// Attention and recurrent networks.
final class SequenceCases {
    private SequenceCases() {}

    static List<OpCase> rows() {
        List<OpCase> rows = new ArrayList<>();
        rows.add(
                op(
                                "scaledDotProduct",
                                (q, k, v) ->
                                        Attention.scaledDotProduct(q, k, v, Attention.Settings.ALL),
                                x("3 2"),
                                x("n 2"),
                                x("n 2"))
                        .onnx("Attention"));
        rows.add(
                op(
                                "scaledDotProduct causal",
                                (q, k, v) ->
                                        Attention.scaledDotProduct(
                                                q, k, v, Attention.Settings.CAUSAL),
                                x("2 2 n 2"),
                                x("2 1 n 2"),
                                x("2 1 n 3"))
                        .curvedAt(2)
                        .upTo(207));
        rows.add(
                ops(
                        "scaledDotProduct masked",
                        in ->
                                List.of(
                                        Attention.scaledDotProduct(
                                                in.get(0),
                                                in.get(1),
                                                in.get(1),
                                                new Attention.Settings(
                                                        Optional.of(in.get(2)),
                                                        false,
                                                        OptionalDouble.of(0.5)))),
                        x("3 2"),
                        x("n 2"),
                        mask("3 n")));
        rows.add(
                op("rotate", x -> Attention.rotate(x, 100, 1), x("2 n 4"))
                        .onnx("RotaryEmbedding")
                        .within(1 << 14));
        rows.add(
                ops(
                                "multiHeadAttention",
                                in ->
                                        List.of(
                                                MultiHeadAttention.apply(
                                                        List.of(in.get(0), in.get(0), in.get(0)),
                                                        in.get(1),
                                                        Optional.of(in.get(2)),
                                                        in.get(3),
                                                        Optional.empty(),
                                                        2,
                                                        Attention.Settings.ALL)),
                                x("1 n 4"),
                                x("12 4"),
                                x("12"),
                                x("4 4"))
                        .curvedAt(2)
                        .within(256)
                        .upTo(207));
        for (Cells.Kind kind : Cells.Kind.values()) {
            rows.add(cell(kind));
            rows.add(recurrent(kind));
        }
        return rows;
    }

    private static OpCase cell(Cells.Kind kind) {
        int gates = gates(kind);
        return ops(
                        "step " + kind,
                        in -> {
                            List<Tensor> states =
                                    kind.states() == 1
                                            ? List.of(in.get(1))
                                            : List.of(in.get(1), in.get(1));
                            Cells.Weights weights =
                                    new Cells.Weights(
                                            in.get(2),
                                            in.get(3),
                                            Optional.of(in.get(4)),
                                            Optional.empty());
                            return kind.step(in.get(0), states, weights);
                        },
                        x("n 3"),
                        x("n 2"),
                        x(2 * gates + " 3"),
                        x(2 * gates + " 2"),
                        x(Integer.toString(2 * gates)))
                .curvedAt(1)
                .within(256);
    }

    private static OpCase recurrent(Cells.Kind kind) {
        int gates = gates(kind);
        Recurrent.Settings settings = new Recurrent.Settings(kind, 1, true, false, false);
        return ops(
                        "recurrent " + kind,
                        in -> {
                            Cells.Weights weights =
                                    new Cells.Weights(
                                            in.get(2),
                                            in.get(3),
                                            Optional.empty(),
                                            Optional.empty());
                            List<Tensor> states =
                                    kind.states() == 1
                                            ? List.of(in.get(1))
                                            : List.of(in.get(1), in.get(1));
                            Recurrent.Result result =
                                    Recurrent.apply(
                                            in.get(0), states, List.of(weights, weights), settings);
                            List<Tensor> all = new ArrayList<>(List.of(result.output()));
                            all.addAll(result.states());
                            return all;
                        },
                        x("3 n 2"),
                        x("2 n 2"),
                        x(2 * gates + " 2"),
                        x(2 * gates + " 2"))
                .curvedAt(1)
                .within(1024);
    }

    private static int gates(Cells.Kind kind) {
        return switch (kind) {
            case TANH, RELU -> 1;
            case GRU -> 3;
            case LSTM -> 4;
        };
    }
}
