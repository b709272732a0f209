package org.gemel;

import java.util.List;
import java.util.stream.IntStream;
import org.gemel.op.Random;

/// A key of the counter-based random numbers: the same key gives the same values, in either mode
/// and on any number of threads. Use a key once; make more by [#fold].
///
/// @param data `i64[2]`: Philox's key and the high half of its counter
public record Key(Tensor data) {
    /// The key of a seed.
    public static Key of(long seed) {
        return new Key(Gemel.tensor(new long[] {seed, 0}));
    }

    /// Another, independent key for each number.
    public Key fold(long number) {
        Tensor words = words(Shape.of(2)).to(DType.I64);
        Tensor mixed = words.add(Gemel.tensor(new long[] {number, number}));
        return new Key(new Key(mixed).words(Shape.of(2)).to(DType.I64));
    }

    /// The data of `n` other, independent keys, `i64[n, 2]`: one for each of many examples, as in
    /// `Vmap.of(data -> new Key(data).normal(3))`.
    public Tensor split(int n) {
        if (n < 1) {
            throw new TypeException(
                    "split: expects at least one key, but got %d; check the number".formatted(n));
        }
        return Tensor.stack(IntStream.range(0, n).mapToObj(i -> fold(i).data()).toList(), 0);
    }

    /// Uniform numbers in [0, 1), f32 with 24 random bits each.
    public Tensor uniform(int... dims) {
        // the top 24 bits, moved from [-2^23, 2^23) to [0, 2^24)
        Tensor top = words(Shape.of(dims)).to(DType.F64).mul(1.0 / 256).floor();
        return top.add(1 << 23).mul(1.0 / (1 << 24)).to(DType.F32);
    }

    /// Normal numbers, f32, mean 0 and variance 1, by Box and Muller (1958) from two uniform ones.
    public Tensor normal(int... dims) {
        Tensor radius = uniform(dims).rsub(1).log().mul(-2).sqrt();
        return radius.mul(fold(1).uniform(dims).mul(2 * Math.PI).cos());
    }

    /// True with probability `p`, independently for each element.
    public Tensor bernoulli(double p, int... dims) {
        fraction("bernoulli", p);
        return uniform(dims).lt(p);
    }

    /// Class numbers (i64), one for each row of logits along the last dimension, with the
    /// probabilities of their softmax: the largest logit plus Gumbel's noise.
    ///
    /// @param logits f32 or f64 `[.., classes]`; the result is `[..]`
    public Tensor categorical(Tensor logits) {
        if (!logits.dtype().isFloating() || logits.shape().rank() == 0) {
            throw new TypeException(
                    "categorical: expects logits [.., classes] of a floating-point type, but got %s; take the"
                                    .formatted(logits.type())
                            + " logarithm of probabilities");
        }
        // in (0, 1], so that both logarithms are finite but for the least likely side
        Tensor uniform = uniform(logits.shape().dims()).rsub(1).to(logits.dtype());
        Tensor noise = uniform.log().neg().log().neg();
        return logits.add(noise).argmax(-1);
    }

    /// The numbers `0..n-1` (i64) in random order.
    ///
    /// Each number's place is its rank among `n` random words.
    public Tensor permutation(int n) {
        if (n < 1) {
            throw new TypeException(
                    "permutation: expects at least one number, but got %d; check the size"
                            .formatted(n));
        }
        Tensor words = words(Shape.of(n)).to(DType.I64);
        Tensor places = Tensor.arange(n, DType.I64);
        return places.scatter(0, words.argsort(0, false), places);
    }

    /// `x` with each element set to zero with probability `p`, the others divided by `1 - p`
    /// (Srivastava et al., 2014).
    public Tensor dropout(Tensor x, double p) {
        fraction("dropout", p);
        if (p == 1) {
            return x.zerosLike();
        }
        Tensor kept = uniform(x.shape().dims()).ge(Gemel.scalar(p));
        return Tensor.where(kept, x.div(1 - p), x.zerosLike());
    }

    private static void fraction(String op, double p) {
        if (!(p >= 0 && p <= 1)) {
            throw new GemelException(
                    "%s: expects a probability in 0 .. 1, but got %s; 0.5 is usual"
                            .formatted(op, p));
        }
    }

    private Tensor words(Shape shape) {
        return Tensor.apply(new Random(shape), List.of(data)).getFirst();
    }
}
