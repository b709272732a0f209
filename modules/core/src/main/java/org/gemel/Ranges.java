package org.gemel;

import java.util.ArrayList;
import java.util.List;
import org.gemel.op.Composite;

/// Numbers in regular order, grids of them, and membership in a set of them.
final class Ranges {
    private Ranges() {}

    private static void count(String op, int count) {
        if (count < 0) {
            throw new TypeException(
                    "%s: expects a number of elements of at least 0, but got %d; check it"
                            .formatted(op, count));
        }
    }

    /// `count` numbers from `from` to `to`, symmetrically rounded, in f64.
    private static Tensor line(double from, double to, int count) {
        Tensor place = Tensor.arange(count, DType.F64);
        double step = count > 1 ? (to - from) / (count - 1) : 0;
        Tensor up = place.mul(step).add(from);
        Tensor down = place.rsub(count - 1.0).mul(-step).add(to);
        return Tensor.where(place.lt(count / 2.0), up, down);
    }

    static Tensor linspace(double from, double to, int count, DType dtype) {
        count("linspace", count);
        Composite op =
                Composite.of(
                        "linspace",
                        List.of(from, to, count, dtype),
                        _ -> List.of(line(from, to, count).to(dtype)));
        return Tensor.apply(op, List.of()).getFirst();
    }

    static Tensor logspace(double from, double to, int count, double base, DType dtype) {
        count("logspace", count);
        Composite op =
                Composite.of(
                        "logspace",
                        List.of(from, to, count, base, dtype),
                        _ -> {
                            Tensor powers = line(from, to, count);
                            Tensor bases = powers.zerosLike().add(base);
                            return List.of(bases.pow(powers).to(dtype));
                        });
        return Tensor.apply(op, List.of()).getFirst();
    }

    static List<Tensor> meshgrid(List<Tensor> vectors) {
        int[] dims = new int[vectors.size()];
        for (int i = 0; i < dims.length; i++) {
            if (vectors.get(i).shape().rank() > 1) {
                throw new TypeException(
                        "meshgrid: expects vectors, but number %d is %s; reshape it"
                                .formatted(i, vectors.get(i).type()));
            }
            dims[i] = Math.toIntExact(vectors.get(i).size());
        }
        List<Tensor> all = new ArrayList<>();
        for (int i = 0; i < dims.length; i++) {
            Shape along = Shape.along(dims.length, i, dims[i]);
            all.add(vectors.get(i).reshape(along).expand(Shape.of(dims)));
        }
        return all;
    }

    /// The coordinates of a triangle, row-major, as `[2, elements]`.
    static Tensor triangle(String op, int rows, int columns, int diagonal, boolean lower) {
        count(op, Math.min(rows, columns));
        List<Integer> down = new ArrayList<>();
        List<Integer> across = new ArrayList<>();
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                if (lower ? column - row <= diagonal : column - row >= diagonal) {
                    down.add(row);
                    across.add(column);
                }
            }
        }
        int count = down.size();
        down.addAll(across);
        return Gemel.tensor(down.stream().mapToLong(Integer::longValue).toArray(), 2, count);
    }

    static Tensor isIn(Tensor x, Tensor values) {
        if (x.dtype() != values.dtype()) {
            throw new TypeException(
                    "isIn: expects values of the dtype of %s, but got %s; convert one"
                            .formatted(x.type(), values.type()));
        }
        Tensor own = x.detach();
        int size = Math.toIntExact(values.size());
        if (size == 0) {
            return Tensor.full(own.type().with(DType.BOOL), 0);
        }
        Tensor sorted = values.detach().reshape(-1).sort(0, false).values();
        Tensor place = sorted.searchSorted(own, false);
        Tensor inside = place.minimum(place.zerosLike().add(size - 1));
        return Indexing.gathered(sorted, 0, inside.reshape(-1)).reshape(own.shape()).eq(own);
    }
}
