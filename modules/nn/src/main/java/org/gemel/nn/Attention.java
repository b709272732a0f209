package org.gemel.nn;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.gemel.DType;
import org.gemel.Scope;
import org.gemel.Shape;
import org.gemel.Tensor;
import org.gemel.TypeException;
import org.gemel.op.Composite;
import org.gemel.op.Pullback;
import org.gemel.op.Reduce;

/// Attention (Vaswani et al., 2017) and the rotation of positions.
public final class Attention {
    private Attention() {}

    /// What attention looks at.
    ///
    /// @param mask `bool`, true where a query sees a key, or numbers that are added to the scores;
    ///   broadcasts to `[.., queries, keys]`
    /// @param causal whether query `i` sees only the keys up to `i`
    /// @param scale what scores are multiplied with; `1 / sqrt(size)` if absent
    public record Settings(Optional<Tensor> mask, boolean causal, OptionalDouble scale) {
        /// Everything.
        public static final Settings ALL =
                new Settings(Optional.empty(), false, OptionalDouble.empty());

        /// What came before.
        public static final Settings CAUSAL =
                new Settings(Optional.empty(), true, OptionalDouble.empty());
    }

    /// `softmax(q k^T scale + mask) v`.
    ///
    /// A query that sees nothing gets zeros. With more heads in `q` than in `k` and `v`, each of
    /// theirs serves a group of neighbouring heads (grouped queries; Ainslie et al., 2023).
    ///
    /// @param q `[.., queries, size]`
    /// @param k `[.., keys, size]`
    /// @param v `[.., keys, outputs]`
    /// @return `[.., queries, outputs]`
    public static Tensor scaledDotProduct(Tensor q, Tensor k, Tensor v, Settings settings) {
        int rank = q.shape().rank();
        if (rank < 2 || k.shape().rank() < 2 || q.shape().dim(-1) != k.shape().dim(-1)) {
            throw new TypeException(
                    "attention: expects queries [.., n, size] and keys [.., m, size], but got %s and"
                                    .formatted(q.type())
                            + " %s; project them to one size".formatted(k.type()));
        }
        double scale = settings.scale().orElse(1 / Math.sqrt(q.shape().dim(-1)));
        return Scope.keeping(() -> {
            Tensor scores = q.matmul(grouped(k, q).transpose());
            Tensor weights =
                    settings.mask().isPresent()
                            ? masked(scores.mul(scale), settings.mask().get(), settings.causal())
                            : unmasked(scores, scale, settings.causal());
            return weights.matmul(grouped(v, q));
        });
    }

    // Every head of `x` repeated for its group of heads of `q`.
    private static Tensor grouped(Tensor x, Tensor q) {
        int rank = x.shape().rank();
        if (rank < 3 || q.shape().rank() != rank) {
            return x;
        }
        int own = x.shape().dim(-3);
        int heads = q.shape().dim(-3);
        if (own == heads || own == 1) {
            return x;
        }
        if (own == 0 || heads % own != 0) {
            throw new TypeException(
                    "attention: expects a number of query heads that the others' divides, but got"
                            + " %s and %s; use one that fits".formatted(q.type(), x.type()));
        }
        Tensor one = x.unsqueeze(-3);
        Shape wide = one.shape().with(rank - 2, heads / own);
        return one.expand(wide).reshape(x.shape().with(rank - 3, heads));
    }

    // The softmax of scaled scores as one operation: each of its steps alone would read and write
    // all of them.
    private static Tensor unmasked(Tensor scores, double scale, boolean causal) {
        Composite weights =
                Composite.of(
                        causal ? "causal_weights" : "attention_weights",
                        List.of(scale),
                        in -> {
                            Tensor scaled = in.getFirst().mul(scale);
                            Tensor seen = causal ? scaled.add(future(scaled)) : scaled;
                            return List.of(seen.softmax(-1));
                        },
                        p -> p.give(0, () -> softmaxCotangent(p).mul(scale)));
        return Tensor.apply(weights, List.of(scores)).getFirst();
    }

    private static Tensor softmaxCotangent(Pullback p) {
        Tensor part = p.g().mul(p.y());
        Tensor sum = part.reduce(new Reduce(Reduce.Kind.SUM, List.of(part.shape().rank() - 1)));
        return part.sub(p.y().mul(sum));
    }

    private static Tensor masked(Tensor scores, Tensor mask, boolean causal) {
        Tensor seen =
                mask.dtype() == DType.BOOL
                        ? Tensor.where(mask, scores, never(scores))
                        : scores.add(mask);
        return softmax(causal ? seen.add(future(seen)) : seen);
    }

    private static Tensor never(Tensor scores) {
        return Tensor.full(scores.type().with(Shape.SCALAR), Double.NEGATIVE_INFINITY);
    }

    // What hides the keys after each query when it is added: numbers are read faster than booleans.
    private static Tensor future(Tensor scores) {
        Tensor rows = Tensor.arange(scores.shape().dim(-2), DType.I64).unsqueeze(1);
        Tensor columns = Tensor.arange(scores.shape().dim(-1), DType.I64).unsqueeze(0);
        Tensor never = never(scores);
        return Tensor.where(columns.le(rows), never.zerosLike(), never);
    }

    // A softmax along the last dimension that is zero where all scores are -inf.
    private static Tensor softmax(Tensor scores) {
        List<Integer> last = List.of(scores.shape().rank() - 1);
        Composite softmax =
                Composite.of(
                        "masked_softmax",
                        List.of(),
                        in -> {
                            Tensor x = in.getFirst();
                            if (x.shape().dim(-1) == 0) {
                                return List.of(x.exp());
                            }
                            Tensor most = x.reduce(new Reduce(Reduce.Kind.MAX, last));
                            Tensor least = Tensor.full(most.type(), Double.NEGATIVE_INFINITY);
                            Tensor none = most.eq(least);
                            Tensor safe = Tensor.where(none, most.zerosLike(), most);
                            Tensor e = x.sub(safe).exp();
                            Tensor sum = e.reduce(new Reduce(Reduce.Kind.SUM, last));
                            return List.of(e.div(Tensor.where(none, sum.onesLike(), sum)));
                        },
                        p -> p.give(0, () -> softmaxCotangent(p)));
        return Tensor.apply(softmax, List.of(scores)).getFirst();
    }

    /// Rotary position embedding (Su et al., 2021): each pair of neighbours along the last
    /// dimension, number `i` of `d / 2`, is turned by `position base^(-2i / d)`.
    ///
    /// @param x `[.., positions, d]` with even `d`
    /// @param start the first position
    public static Tensor rotate(Tensor x, double base, int start) {
        int n = x.shape().rank() < 2 ? 0 : x.shape().dim(-2);
        return rotate(x, base, Tensor.arange(n, DType.I64).add(start));
    }

    /// As [#rotate(Tensor, double, int)] at any positions, a vector of whole numbers.
    public static Tensor rotate(Tensor x, double base, Tensor at) {
        int rank = x.shape().rank();
        if (rank < 2 || x.shape().dim(-1) % 2 != 0) {
            throw new TypeException(
                    "rotate: expects [.., positions, d] with even d, but got %s; use an even size"
                            .formatted(x.type()));
        }
        int n = x.shape().dim(-2);
        if (at.dtype().isFloating() || !at.shape().equals(Shape.of(n))) {
            throw new TypeException(
                    "rotate: expects a whole number for each of %d positions, but got %s; reshape"
                                    .formatted(n, at.type())
                            + " or convert them");
        }
        int half = x.shape().dim(-1) / 2;
        Tensor positions = at.to(DType.F64).unsqueeze(1);
        Tensor powers = Tensor.arange(half, DType.F64).mul(-2.0 / x.shape().dim(-1));
        Tensor angles = positions.mul(Losses.number(powers, base).pow(powers));
        Tensor cos = angles.cos().to(x.dtype());
        Tensor sin = angles.sin().to(x.dtype());
        Tensor a = x.slice(-1, 0, 2 * half, 2);
        Tensor b = x.slice(-1, 1, 2 * half, 2);
        Tensor first = a.mul(cos).sub(b.mul(sin)).unsqueeze(-1);
        Tensor second = a.mul(sin).add(b.mul(cos)).unsqueeze(-1);
        return Tensor.concat(List.of(first, second), -1).reshape(x.shape());
    }
}
