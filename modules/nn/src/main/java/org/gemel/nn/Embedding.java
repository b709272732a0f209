package org.gemel.nn;

import java.util.OptionalInt;
import org.gemel.DType;
import org.gemel.GemelException;
import org.gemel.Key;
import org.gemel.Parameter;
import org.gemel.Scope;
import org.gemel.Tensor;
import org.gemel.TensorType;

/// A vector for each of a number of words: `i64` of any shape to `[.., size]`.
///
/// Dtype: f32. The initial vectors are normal with mean 0 and variance 1, as PyTorch has them.
public final class Embedding implements Module {
    /// f32 `[words, size]`.
    public final Parameter weight;

    private final OptionalInt padding;

    /// A layer without values; [Modules#init] gives them.
    public Embedding(int words, int size) {
        this(words, size, OptionalInt.empty());
    }

    /// A layer without values, one of whose words only fills up: its vector is zero at first and
    /// gets no gradient.
    public Embedding(int words, int size, int padding) {
        this(words, size, OptionalInt.of(padding));
    }

    private Embedding(int words, int size, OptionalInt padding) {
        boolean inside =
                padding.isEmpty() || (padding.getAsInt() >= 0 && padding.getAsInt() < words);
        if (words < 1 || size < 1 || !inside) {
            throw new GemelException(
                    "embedding: expects at least one word of size 1 and a padding among them, but got"
                            + " %d words of size %d and padding %s; check the sizes"
                                    .formatted(words, size, padding));
        }
        this.padding = padding;
        this.weight =
                Parameter.uninitialized(
                        "weight",
                        TensorType.of(DType.F32, words, size),
                        (type, key) -> initial(type, key, padding));
    }

    private static Tensor initial(TensorType type, Key key, OptionalInt padding) {
        Tensor all = key.normal(type.shape().dims());
        if (padding.isEmpty()) {
            return all;
        }
        Tensor words = Tensor.arange(type.shape().dim(0), DType.I64).unsqueeze(1);
        return all.maskedFill(words.eq(padding.getAsInt()), 0);
    }

    @Override
    public Tensor forward(Tensor index) {
        return Scope.keeping(() ->
                padding.isPresent()
                        ? weight.value().embedding(index, padding.getAsInt())
                        : weight.value().embedding(index));
    }

    @Override
    public String toString() {
        return "embedding " + weight.type().shape();
    }
}
