package org.gemel;

import java.util.List;
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

    private Tensor words(Shape shape) {
        return Tensor.apply(new Random(shape), List.of(data)).getFirst();
    }
}
