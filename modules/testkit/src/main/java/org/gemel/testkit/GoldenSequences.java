package org.gemel.testkit;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import org.gemel.Shape;
import org.gemel.Tensor;
import org.gemel.nn.Attention;
import org.gemel.nn.Cells;
import org.gemel.nn.MultiHeadAttention;
import org.gemel.nn.Recurrent;
import org.gemel.testkit.GoldenOps.Table;

/// Golden attention and recurrent layers.
final class GoldenSequences {
    private GoldenSequences() {}

    static void fill(Table ops) {
        ops.put("sdpa", GoldenSequences::attention);
        ops.put("multi_head_attention", GoldenSequences::multiHead);
        ops.put("rope", GoldenSequences::rope);
        ops.put("rnn_tanh_cell", c -> cell(c, Cells.Kind.TANH).getFirst());
        ops.put("rnn_relu_cell", c -> cell(c, Cells.Kind.RELU).getFirst());
        ops.put("gru_cell", c -> cell(c, Cells.Kind.GRU).getFirst());
    }

    static Map<String, Function<Call, List<Tensor>>> several() {
        return Map.of(
                "lstm_cell", c -> cell(c, Cells.Kind.LSTM),
                "rnn", GoldenSequences::elman,
                "rnn_tanh", c -> sequence(c, Cells.Kind.TANH),
                "rnn_relu", c -> sequence(c, Cells.Kind.RELU),
                "gru", c -> sequence(c, Cells.Kind.GRU),
                "lstm", c -> sequence(c, Cells.Kind.LSTM));
    }

    // Nothing is dropped outside of training.
    private static void keepsAll(Call call, String name) {
        if (call.number(name, 0) != 0) {
            throw new Unsupported("attribute %s other than 0".formatted(name));
        }
    }

    private static Attention.Settings settings(Call call) {
        keepsAll(call, "dropout_p");
        OptionalDouble scale =
                call.has("scale")
                        ? OptionalDouble.of(call.number("scale"))
                        : OptionalDouble.empty();
        return new Attention.Settings(call.optional("mask"), call.flag("causal"), scale);
    }

    private static Tensor attention(Call call) {
        Tensor q = call.in("q");
        Tensor k = call.in("k");
        boolean grouped = call.flag("gqa");
        if (!grouped && q.shape().rank() > 2 && q.shape().dim(-3) != k.shape().dim(-3)) {
            throw new Unsupported("a number of heads that differs without gqa");
        }
        return Attention.scaledDotProduct(q, k, call.in("v"), settings(call));
    }

    // On [steps, batch, size].
    private static Tensor multiHead(Call call) {
        Tensor x = call.in("x").permute(1, 0, 2);
        Tensor y =
                MultiHeadAttention.apply(
                        List.of(x, x, x),
                        call.in("w_in"),
                        call.optional("b_in"),
                        call.in("w_out"),
                        call.optional("b_out"),
                        call.integer("heads"),
                        settings(call));
        return y.permute(1, 0, 2);
    }

    private static Tensor rope(Call call) {
        for (String name : List.of("pos", "positions")) {
            Optional<Tensor> at = call.optional(name);
            if (at.isPresent()) {
                return Attention.rotate(call.in("x"), call.number("base", 10_000), at.get());
            }
        }
        return Attention.rotate(
                call.in("x"), call.number("base", 10_000), call.integer("offset", 0));
    }

    private static Cells.Weights weights(Call call, String suffix) {
        return new Cells.Weights(
                call.in("w_ih" + suffix),
                call.in("w_hh" + suffix),
                call.optional("b_ih" + suffix),
                call.optional("b_hh" + suffix));
    }

    private static List<Tensor> cell(Call call, Cells.Kind kind) {
        List<Tensor> states = new ArrayList<>(List.of(call.in("h")));
        if (kind.states() == 2) {
            states.add(call.in("c"));
        }
        return kind.step(call.in("x"), states, weights(call, ""));
    }

    private static List<Tensor> elman(Call call) {
        boolean tanh = call.oneOf("nonlinearity", "tanh", "relu").equals("tanh");
        return sequence(call, tanh ? Cells.Kind.TANH : Cells.Kind.RELU);
    }

    private static List<Tensor> sequence(Call call, Cells.Kind kind) {
        keepsAll(call, "dropout");
        Tensor x = call.in("x");
        Recurrent.Settings settings =
                new Recurrent.Settings(
                        kind,
                        call.integer("layers", 1),
                        call.flag("bidirectional"),
                        !call.has("bias") || call.flag("bias"),
                        call.flag("batch_first"));
        List<Cells.Weights> weights = new ArrayList<>();
        for (int layer = 0; layer < settings.layers(); layer++) {
            weights.add(weights(call, "_l" + layer));
            if (settings.bidirectional()) {
                weights.add(weights(call, "_l" + layer + "r"));
            }
        }
        int batch = x.shape().dim(settings.batchFirst() ? 0 : 1);
        int size = weights.getFirst().state().shape().dim(1);
        Tensor zeros = Tensor.full(x.type().with(Shape.of(weights.size(), batch, size)), 0);
        List<Tensor> states = new ArrayList<>(Collections.nCopies(kind.states(), zeros));
        Optional<Tensor> h = call.optional("h0");
        Optional<Tensor> c = call.optional("c0");
        h.ifPresent(tensor -> states.set(0, tensor));
        c.ifPresent(tensor -> states.set(kind.states() - 1, tensor));
        Recurrent.Result result = Recurrent.apply(x, states, weights, settings);
        List<Tensor> all = new ArrayList<>(List.of(result.output()));
        all.addAll(result.states());
        return all;
    }
}
