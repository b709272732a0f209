package org.gemel.testkit.ops;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.gemel.DType;
import org.gemel.TensorType;
import org.gemel.op.Dense;
import org.gemel.op.Samples;
import org.gemel.testkit.HostTensors;

/// One input of a case: what it holds and how large it is.
///
/// @param kind what it holds
/// @param dims its dimensions with blanks between them: numbers, or `n`, the case's size, as in `2
///   n 3`
/// @param samples where real values are drawn from
/// @param bound one more than the largest index, a dimension like those in `dims`
public record Operand(Kind kind, String dims, Samples samples, String bound) {
    /// What an operand holds.
    public enum Kind {
        /// Values of the type that is tested.
        VALUE,
        /// Indices, i64.
        INDEX,
        /// `bool`.
        MASK
    }

    /// Values of the type that is tested, reals between -3 and 3.
    static Operand x(String dims) {
        return x(Samples.ANY, dims);
    }

    /// Values of the type that is tested, reals from `samples`.
    static Operand x(Samples samples, String dims) {
        return new Operand(Kind.VALUE, dims, samples, "1");
    }

    /// Indices below `bound`.
    static Operand index(String bound, String dims) {
        return new Operand(Kind.INDEX, dims, Samples.ANY, bound);
    }

    /// Truth values.
    static Operand mask(String dims) {
        return new Operand(Kind.MASK, dims, Samples.ANY, "1");
    }

    /// The type at size `n`, for values of `dtype`.
    public TensorType type(DType dtype, int n) {
        String[] words = dims.isEmpty() ? new String[0] : dims.split(" ");
        int[] sizes = Arrays.stream(words).mapToInt(word -> size(word, n)).toArray();
        return switch (kind) {
            case VALUE -> TensorType.of(dtype, sizes);
            case INDEX -> TensorType.of(DType.I64, sizes);
            case MASK -> TensorType.of(DType.BOOL, sizes);
        };
    }

    /// One more than the largest index at size `n`.
    public int bound(int n) {
        return size(bound, n);
    }

    private static int size(String word, int n) {
        return word.equals("n") ? n : Integer.parseInt(word);
    }

    /// Elements of `type`; indices lie below the bound at size `n`.
    public Dense sample(TensorType type, int n, RandomGenerator random) {
        return kind == Kind.INDEX
                ? Dense.ofLongs(type, _ -> random.nextInt(Math.max(1, bound(n))))
                : HostTensors.random(type, samples, random);
    }
}
