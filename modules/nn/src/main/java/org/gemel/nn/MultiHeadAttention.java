package org.gemel.nn;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.gemel.GemelException;
import org.gemel.Parameter;
import org.gemel.Scope;
import org.gemel.Tensor;

/// Attention of several heads (Vaswani et al., 2017), each on its part of the vectors.
///
/// Shapes: `[.., positions, size]` in and out, as batches first. Dtype: f32. The weights for
/// queries, keys and values lie in one matrix, as PyTorch packs them; they start uniform in `-b ..
/// b` with `b = sqrt(6 / (4 size))`, the others as in [Linear], biases at 0.
public final class MultiHeadAttention implements Module {
    /// f32 `[3 size, size]`: for queries, keys and values.
    public final Parameter inWeight;

    /// f32 `[3 size]`.
    public final Parameter inBias;

    /// f32 `[size, size]`.
    public final Parameter outWeight;

    /// f32 `[size]`.
    public final Parameter outBias;

    private final int heads;

    /// A layer without values; [Modules#init] gives them.
    public MultiHeadAttention(int size, int heads) {
        if (heads < 1 || size < 1 || size % heads != 0) {
            throw new GemelException(
                    "attention: expects heads that divide the size, but got %d heads of size %d;"
                                    .formatted(heads, size)
                            + " use sizes such as 8 and 64");
        }
        this.heads = heads;
        inWeight = Uniform.parameter("inWeight", Math.sqrt(6.0 / (4.0 * size)), 3 * size, size);
        inBias = Uniform.parameter("inBias", 0, 3 * size);
        outWeight = Uniform.parameter("outWeight", 1 / Math.sqrt(size), size, size);
        outBias = Uniform.parameter("outBias", 0, size);
    }

    /// Self-attention on all positions.
    @Override
    public Tensor forward(Tensor x) {
        return forward(x, x, x, Attention.Settings.ALL);
    }

    /// Attention of `query` to `key`, mixing `value`.
    public Tensor forward(Tensor query, Tensor key, Tensor value, Attention.Settings settings) {
        return Scope.keeping(() ->
                apply(
                        List.of(query, key, value),
                        inWeight.value(),
                        Optional.of(inBias.value()),
                        outWeight.value(),
                        Optional.of(outBias.value()),
                        heads,
                        settings));
    }

    /// The layer as a function of its weights.
    ///
    /// @param inputs queries, keys and values, each `[.., positions, size]`
    public static Tensor apply(
            List<Tensor> inputs,
            Tensor inWeight,
            Optional<Tensor> inBias,
            Tensor outWeight,
            Optional<Tensor> outBias,
            int heads,
            Attention.Settings settings) {
        int size = inWeight.shape().dim(1);
        Tensor[] parts = new Tensor[3];
        for (int i = 0; i < 3; i++) {
            int from = i * size;
            int to = from + size;
            Tensor weight = inWeight.slice(0, from, to, 1);
            Optional<Tensor> bias = inBias.map(b -> b.slice(0, from, to, 1));
            parts[i] = split(Linear.apply(inputs.get(i), weight, bias), heads);
        }
        Tensor mixed = Attention.scaledDotProduct(parts[0], parts[1], parts[2], settings);
        return Linear.apply(joined(mixed), outWeight, outBias);
    }

    // [.., positions, size] to [.., heads, positions, size / heads]
    private static Tensor split(Tensor x, int heads) {
        int rank = x.shape().rank();
        int[] dims = Arrays.copyOf(x.shape().dims(), rank + 1);
        dims[rank - 1] = heads;
        dims[rank] = x.shape().dim(-1) / heads;
        return swapped(x.reshape(dims));
    }

    private static Tensor joined(Tensor x) {
        Tensor back = swapped(x);
        int rank = x.shape().rank();
        int[] dims = Arrays.copyOf(back.shape().dims(), rank - 1);
        dims[rank - 2] = back.shape().dim(-1) * back.shape().dim(-2);
        return back.reshape(dims);
    }

    private static Tensor swapped(Tensor x) {
        int rank = x.shape().rank();
        int[] order = IntStream.range(0, rank).toArray();
        order[rank - 2] = rank - 3;
        order[rank - 3] = rank - 2;
        return x.permute(order);
    }

    @Override
    public String toString() {
        return "attention of " + heads + " heads, " + outBias.type().shape().dim(0);
    }
}
