package org.gemel;

import java.util.ArrayList;
import java.util.List;

/// The cotangent of a weight of several products, put together once all are known.
///
/// A loop over the steps of a sequence multiplies by one matrix again and again. The sum of the
/// products' cotangents, each with few rows, is a single product of all rows under each other.
final class ProductCotangents {
    private final SharedWeights.Product product;
    private final List<Tensor> inputs = new ArrayList<>();
    private final List<Tensor> cotangents = new ArrayList<>();

    ProductCotangents(SharedWeights.Product product) {
        this.product = product;
    }

    SharedWeights.Product product() {
        return product;
    }

    /// Takes the handles over.
    void add(Tensor input, Tensor cotangent) {
        inputs.add(input);
        cotangents.add(cotangent);
    }

    /// The handles that were taken over.
    List<Tensor> taken() {
        List<Tensor> all = new ArrayList<>(inputs);
        all.addAll(cotangents);
        return all;
    }

    /// The cotangent of the weight.
    Tensor together() {
        Tensor rows = rows(inputs);
        Tensor results = rows(cotangents);
        return product.transposed()
                ? results.transpose().matmul(rows)
                : rows.transpose().matmul(results);
    }

    // The last arrives first: in this order the rows lie as those of a sequence do.
    private static Tensor rows(List<Tensor> all) {
        List<Tensor> flat = all.reversed().stream().map(Composites::flat).toList();
        if (flat.size() == 1) {
            return flat.getFirst();
        }
        TensorType type = flat.getFirst().type();
        if (flat.stream().allMatch(one -> one.type().equals(type))) {
            // As the slices of a sequence are joined: a traced function does it once.
            List<Tensor> steps = flat.stream().map(one -> one.unsqueeze(0)).toList();
            return Composites.flat(Tensor.concat(steps, 0));
        }
        return Tensor.concat(flat, 0);
    }
}
