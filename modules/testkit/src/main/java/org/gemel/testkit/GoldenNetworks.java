package org.gemel.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.gemel.Convolution;
import org.gemel.Shape;
import org.gemel.Tensor;
import org.gemel.nn.Attention;
import org.gemel.nn.Cells;
import org.gemel.nn.Losses;
import org.gemel.nn.Recurrent;
import org.gemel.nn.Reduction;
import org.gemel.testkit.GoldenOps.Table;

/// Golden networks. Where a case may name its parameters as it likes, they are told by their order:
/// that of their use.
final class GoldenNetworks {
    private GoldenNetworks() {}

    static void fill(Table ops) {
        ops.put("resblock", GoldenNetworks::residual);
        ops.put("rnn_unrolled", GoldenNetworks::unrolled);
        ops.put("lstm_lm", GoldenNetworks::languageModel);
        ops.put("transformer_block", GoldenNetworks::transformer);
        ops.put("vae_elbo", GoldenNetworks::autoencoder);
    }

    // Scales and shifts, if there are any, in the order of the layers.
    private static Tensor residual(Call call) {
        Tensor x = call.in("x");
        Tensor first = call.in("w1");
        Tensor second = call.in("w2");
        List<Tensor> affine = onlyVectors(call.rest());
        if (!List.of(0, 4).contains(affine.size())) {
            throw new Unsupported(affine.size() + " scales and shifts");
        }
        Convolution how = Convolution.of().padding(1);
        Tensor h = normal(x.conv2d(first, how), affine, 0).relu();
        return normal(h.conv2d(second, how), affine, 2).add(x).relu();
    }

    private static Tensor normal(Tensor x, List<Tensor> affine, int from) {
        return GoldenPrograms.normal(x, item(affine, from), item(affine, from + 1));
    }

    private static Optional<Tensor> item(List<Tensor> tensors, int at) {
        return tensors.stream().skip(at).findFirst();
    }

    private static List<Tensor> onlyVectors(List<Tensor> tensors) {
        return understood(tensors, 1, 1);
    }

    // All of a rank from `least` to `most`.
    private static List<Tensor> understood(List<Tensor> tensors, int least, int most) {
        for (Tensor tensor : tensors) {
            int rank = tensor.shape().rank();
            if (rank < least || rank > most) {
                throw new Unsupported("an input " + tensor.type());
            }
        }
        return tensors;
    }

    private static List<Tensor> ofRank(List<Tensor> tensors, int rank) {
        return tensors.stream().filter(tensor -> tensor.shape().rank() == rank).toList();
    }

    // The shape of the output tells whether products are summed up or only added.
    private static Tensor unrolled(Call call) {
        Tensor x = call.in("x");
        Tensor c = call.in("c");
        boolean total = call.output(0).equals(Shape.SCALAR);
        List<Tensor> products = new ArrayList<>();
        Optional<Tensor> h = Optional.empty();
        for (int t = 0; t < x.shape().dim(0); t++) {
            Tensor in = x.at(t).matmul(call.in("Wx"));
            Tensor both = h.map(former -> in.add(former.matmul(call.in("Wh")))).orElse(in);
            Tensor now = both.add(call.in("b")).tanh();
            Tensor product = now.mul(c.at(t));
            products.add(total ? product.sum() : product);
            h = Optional.of(now);
        }
        call.in("Wh");
        return products.stream().reduce(Tensor::add).orElseThrow();
    }

    // An embedding, one LSTM, and a linear layer that tells the next word from each.
    private static Tensor languageModel(Call call) {
        Tensor ids =
                call.optional("ids")
                        .orElseThrow(() -> new Unsupported("the case has no input ids"));
        Optional<Tensor> input = either(call, "w_ih", "w_ih_l0");
        Optional<Tensor> state = either(call, "w_hh", "w_hh_l0");
        Optional<Tensor> first = either(call, "b_ih", "b_ih_l0");
        Optional<Tensor> second = either(call, "b_hh", "b_hh_l0");
        List<Tensor> others = understood(call.rest(), 1, 2);
        List<Tensor> matrices = new ArrayList<>(ofRank(others, 2));
        List<Tensor> vectors = new ArrayList<>(ofRank(others, 1));
        // the cell's lie between the embedding and the last layer's
        input.ifPresent(tensor -> matrices.add(1, tensor));
        state.ifPresent(tensor -> matrices.add(2, tensor));
        first.ifPresent(tensor -> vectors.add(0, tensor));
        second.ifPresent(tensor -> vectors.add(1, tensor));
        if (matrices.size() != 4 || vectors.size() < 2 || vectors.size() > 3) {
            throw new Unsupported(
                    "%d matrices and %d vectors".formatted(matrices.size(), vectors.size()));
        }
        Cells.Weights cell =
                new Cells.Weights(
                        matrices.get(1),
                        matrices.get(2),
                        Optional.of(vectors.get(0)),
                        Optional.of(vectors.get(1)));
        int steps = ids.shape().dim(1) - 1;
        Tensor words = matrices.get(0).embedding(ids.slice(1, 0, steps, 1));
        Shape states = Shape.of(1, ids.shape().dim(0), cell.state().shape().dim(1));
        Tensor zeros = Tensor.full(words.type().with(states), 0);
        Recurrent.Settings settings = new Recurrent.Settings(Cells.Kind.LSTM, 1, false, true, true);
        Tensor features =
                Recurrent.apply(words, List.of(zeros, zeros), List.of(cell), settings).output();
        Tensor logits = GoldenLayers.linear(features, matrices.get(3), item(vectors, 2));
        Tensor next = ids.slice(1, 1, steps + 1, 1);
        return logits.reshape(-1, logits.shape().dim(-1)).crossEntropy(next.reshape(-1));
    }

    private static Optional<Tensor> either(Call call, String name, String other) {
        return call.optional(name).or(() -> call.optional(other));
    }

    // Matrices: of queries, keys and values, of the heads' results, and of the two linear layers,
    // whose biases follow them or are called b1 and b2; other vectors belong to the normalisations.
    private static Tensor transformer(Call call) {
        Tensor x = call.in("x");
        int heads = call.integer("heads", 2);
        double eps = call.number("eps", 1e-5);
        Optional<Tensor> namedFirst = call.optional("b1");
        Optional<Tensor> namedSecond = call.optional("b2");
        List<Tensor> others = understood(call.rest(), 1, 2);
        List<Tensor> w = ofRank(others, 2);
        int size = x.shape().dim(-1);
        if (w.size() != 4 || !w.get(0).shape().equals(Shape.of(3 * size, size))) {
            throw new Unsupported(w.size() + " matrices, or none [3 n, n] in front");
        }
        Tensor b1 = namedFirst.orElseGet(() -> after(others, w.get(2)));
        Tensor b2 = namedSecond.orElseGet(() -> after(others, w.get(3)));
        List<Tensor> affine = ofRank(others, 1).stream().filter(v -> v != b1 && v != b2).toList();
        if (!List.of(0, 4).contains(affine.size())) {
            throw new Unsupported(affine.size() + " scales and shifts");
        }
        Tensor seen = x.layerNorm(1, item(affine, 0), item(affine, 1), eps).linear(w.get(0));
        List<Tensor> parts = seen.chunk(-1, 3).stream().map(part -> split(part, heads)).toList();
        Tensor mixed =
                Attention.scaledDotProduct(
                                parts.get(0), parts.get(1), parts.get(2), Attention.Settings.CAUSAL)
                        .transpose(1, 2)
                        .reshape(x.shape());
        Tensor y = x.add(mixed.linear(w.get(1)));
        Tensor wide = y.layerNorm(1, item(affine, 2), item(affine, 3), eps).linear(w.get(2), b1);
        return y.add(wide.gelu().linear(w.get(3), b2));
    }

    private static Tensor after(List<Tensor> tensors, Tensor one) {
        return tensors.stream()
                .skip(tensors.indexOf(one) + 1)
                .filter(tensor -> tensor.shape().rank() == 1)
                .findFirst()
                .orElseThrow(() -> new Unsupported("a linear layer without a bias"));
    }

    private static Tensor split(Tensor x, int heads) {
        int[] dims = x.shape().dims();
        return x.reshape(dims[0], dims[1], heads, dims[2] / heads).transpose(1, 2);
    }

    // Layers in order, with a bias each: to features, to means and logarithms of variances (one
    // layer for both, or two), and back.
    private static Tensor autoencoder(Call call) {
        Tensor x = call.in("x");
        Tensor noise = call.in("noise");
        List<Tensor> others = understood(call.rest(), 1, 2);
        List<Tensor> w = ofRank(others, 2);
        List<Tensor> b = ofRank(others, 1);
        if (w.size() != b.size() || w.size() < 3 || w.size() > 4) {
            throw new Unsupported("%d matrices and %d vectors".formatted(w.size(), b.size()));
        }
        Tensor features = affine(x, w.get(0), b.get(0)).relu();
        Tensor first = affine(features, w.get(1), b.get(1));
        List<Tensor> both =
                w.size() == 4
                        ? List.of(first, affine(features, w.get(2), b.get(2)))
                        : first.chunk(-1, 2);
        Tensor mean = both.get(0);
        Tensor log = both.get(1);
        Tensor z = mean.add(log.mul(0.5).exp().mul(noise));
        Tensor logits = affine(z, w.getLast(), b.getLast());
        Tensor error =
                Losses.binaryCrossEntropyWithLogits(
                        logits, x, Optional.empty(), Optional.empty(), Reduction.SUM);
        Tensor divergence = log.add(1).sub(mean.square()).sub(log.exp()).sum().mul(-0.5);
        return error.add(divergence).div(x.shape().dim(0));
    }

    // A matrix [outputs, inputs], or the other way round where only that fits.
    private static Tensor affine(Tensor x, Tensor weight, Tensor bias) {
        boolean rows = weight.shape().dim(1) == x.shape().dim(-1);
        return rows ? x.linear(weight, bias) : x.matmul(weight).add(bias);
    }
}
