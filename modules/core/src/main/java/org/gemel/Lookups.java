package org.gemel;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.gemel.op.Composite;
import org.gemel.op.Scatter;

/// Rows of a matrix by index, one at a time or in bags.
final class Lookups {
    private Lookups() {}

    static Tensor embedding(Tensor weight, Tensor index, Lookup how) {
        if (weight.shape().rank() != 2) {
            throw new TypeException(
                    "embedding: expects a matrix with a row for each index, but got %s; reshape it"
                            .formatted(weight.type()));
        }
        int rows = weight.shape().dim(0);
        Tensor checked = index.checkedIndex(rows, false, "embedding").reshape(-1, 1);
        int[] dims = Arrays.copyOf(index.shape().dims(), index.shape().rank() + 1);
        dims[dims.length - 1] = weight.shape().dim(1);
        Tensor taken =
                how.equals(Lookup.PLAIN)
                        ? Indexing.gathered(weight, 0, checked)
                        : rows(weight, checked, how);
        return taken.reshape(Shape.of(dims));
    }

    private static OptionalInt padding(Tensor weight, Lookup how) {
        if (how.padding().isEmpty()) {
            return how.padding();
        }
        int rows = weight.shape().dim(0);
        int padding = how.padding().getAsInt();
        int row = padding < 0 ? padding + rows : padding;
        if (row < 0 || row >= rows) {
            throw new TypeException(
                    "embedding: expects a padding index from %d to %d, but got %d; check it"
                            .formatted(-rows, rows - 1, padding));
        }
        return OptionalInt.of(row);
    }

    private static Tensor rows(Tensor weight, Tensor index, Lookup how) {
        OptionalInt padding = padding(weight, how);
        Composite op =
                Composite.of(
                        "embedding",
                        List.of(padding, how.longest(), how.norm(), how.byFrequency()),
                        in -> {
                            Tensor rows = Indexing.gathered(in.get(0), 0, in.get(1));
                            return List.of(shrunk(rows, how));
                        },
                        p ->
                                p.give(
                                        0,
                                        () -> {
                                            Tensor g = spread(p.g(), p.x(1), p.type(0), how);
                                            Tensor kept = g;
                                            if (padding.isPresent()) {
                                                Tensor pads = p.x(1).eq(padding.getAsInt());
                                                kept = Tensor.where(pads, g.zerosLike(), g);
                                            }
                                            Tensor none = Indexing.zero(p.type(0));
                                            return added(none, p.x(1), kept);
                                        }));
        return Tensor.apply(op, List.of(weight, index)).getFirst();
    }

    private static Tensor shrunk(Tensor rows, Lookup how) {
        return Double.isInfinite(how.longest())
                ? rows
                : Statistics.renorm(rows, how.norm(), 0, how.longest());
    }

    // Divided by how often the row is read, if so wanted.
    private static Tensor spread(Tensor g, Tensor index, TensorType weight, Lookup how) {
        if (!how.byFrequency()) {
            return g;
        }
        Tensor none = Indexing.zero(TensorType.of(g.dtype(), weight.shape().dim(0), 1));
        Tensor ones = Tensor.full(index.type().with(g.dtype()), 1);
        return g.div(Indexing.gathered(added(none, index, ones), 0, index));
    }

    private static Tensor added(Tensor x, Tensor index, Tensor source) {
        return Indexing.scattered(Scatter.Kind.ADD, 0, x, index, source);
    }

    static Tensor bags(
            Tensor weight,
            Tensor index,
            Optional<Tensor> offsets,
            Accumulation kind,
            Optional<Tensor> weights,
            Lookup how) {
        checkBags(index, offsets, kind, weights);
        Tensor rows = embedding(weight, index.reshape(-1), how);
        if (weights.isPresent()) {
            rows = rows.mul(weights.get().reshape(-1, 1));
        }
        Bags bags = offsets.map(from -> uneven(index, from)).orElseGet(() -> even(index));
        OptionalInt padding = padding(weight, how);
        Tensor flat = index.reshape(-1, 1);
        Tensor counts = padding.isPresent() ? flat.ne(padding.getAsInt()) : flat.eq(flat);
        Tensor numbers = bags.sum(counts.to(rows.dtype()));
        if (kind == Accumulation.LARGEST) {
            Tensor lowest = rows.zerosLike().add(Double.NEGATIVE_INFINITY);
            Tensor largest = bags.largest(Tensor.where(counts, rows, lowest));
            return Tensor.where(numbers.gt(0), largest, largest.zerosLike());
        }
        Tensor sums = bags.sum(Tensor.where(counts, rows, rows.zerosLike()));
        return kind == Accumulation.SUM ? sums : sums.div(numbers.maximum(numbers.onesLike()));
    }

    private static void checkBags(
            Tensor index, Optional<Tensor> offsets, Accumulation kind, Optional<Tensor> weights) {
        int rank = offsets.isPresent() ? 1 : 2;
        boolean places =
                offsets.map(from -> from.dtype() == DType.I64 && from.shape().rank() == 1)
                        .orElse(true);
        if (index.shape().rank() != rank || !places) {
            throw new TypeException(
                    "embeddingBag: expects bags as rows [bags, n], or a vector and the i64 places"
                            + " where bags begin, but got %s and %s; reshape or convert them"
                                    .formatted(
                                            index.type(),
                                            offsets.map(from -> from.type().toString())
                                                    .orElse("no places")));
        }
        boolean known =
                switch (kind) {
                    case SUM, MEAN, LARGEST -> true;
                    case PRODUCT, SMALLEST -> false;
                };
        if (!known || (weights.isPresent() && kind != Accumulation.SUM)) {
            throw new TypeException(
                    "embeddingBag: expects a sum, which alone takes weights, a mean or the largest,"
                            + " but got %s %s weights; multiply the result of an embedding"
                                    .formatted(kind, weights.isPresent() ? "with" : "without"));
        }
        if (weights.isPresent() && !weights.get().shape().equals(index.shape())) {
            throw new TypeException(
                    "embeddingBag: expects a weight for each of %s, but got %s; reshape them"
                            .formatted(index.type(), weights.get().type()));
        }
    }

    /// What puts the rows `[n, size]` of each bag together: `[bags, size]`.
    private interface Bags {
        Tensor sum(Tensor rows);

        Tensor largest(Tensor rows);
    }

    private static Bags even(Tensor index) {
        int bags = index.shape().dim(0);
        int each = index.shape().dim(1);
        return new Bags() {
            private Tensor apart(Tensor rows) {
                return rows.reshape(bags, each, rows.shape().dim(1));
            }

            @Override
            public Tensor sum(Tensor rows) {
                return apart(rows).sum(1);
            }

            @Override
            public Tensor largest(Tensor rows) {
                // nothing has no largest
                return each == 0 ? sum(rows) : apart(rows).amax(1);
            }
        };
    }

    private static Bags uneven(Tensor index, Tensor offsets) {
        int bags = offsets.shape().dim(0);
        Tensor places = Tensor.arange(index.shape().dim(0), DType.I64);
        Tensor bag =
                offsets.searchSorted(places, true).sub(1).checkedIndex(bags, false, "embeddingBag");
        return new Bags() {
            private Tensor none(Tensor rows) {
                return Indexing.zero(rows.type().with(rows.shape().with(0, bags)));
            }

            @Override
            public Tensor sum(Tensor rows) {
                return added(none(rows), bag.unsqueeze(1), rows);
            }

            @Override
            public Tensor largest(Tensor rows) {
                return none(rows).indexReduce(0, bag, rows, Accumulation.LARGEST, false);
            }
        };
    }
}
