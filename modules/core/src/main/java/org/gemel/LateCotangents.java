package org.gemel;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.gemel.op.Slice;

/// The cotangents of one tensor that are cheaper put together once all of them are known than added
/// one by one: those of its slices, and those of products with it.
final class LateCotangents {
    private final SliceCotangents slices;
    private final List<ProductCotangents> products = new ArrayList<>();

    LateCotangents(TensorType type) {
        this.slices = new SliceCotangents(type);
    }

    /// Takes the handle of a slice's cotangent over.
    void add(Slice slice, Tensor cotangent) {
        slices.add(slice, cotangent);
    }

    /// Takes over the handles of a product's input and of its result's cotangent.
    void add(SharedWeights.Product product, Tensor input, Tensor cotangent) {
        Optional<ProductCotangents> same =
                products.stream().filter(one -> one.product().equals(product)).findFirst();
        ProductCotangents all =
                same.orElseGet(() -> {
                    products.add(new ProductCotangents(product));
                    return products.getLast();
                });
        all.add(input, cotangent);
    }

    /// The handles that were taken over.
    List<Tensor> taken() {
        return Stream.concat(
                        slices.taken().stream(),
                        products.stream().flatMap(all -> all.taken().stream()))
                .toList();
    }

    /// The cotangent of the whole tensor.
    Tensor together() {
        Stream<Tensor> ofSlices =
                slices.taken().isEmpty() ? Stream.of() : Stream.of(slices.together());
        Stream<Tensor> ofProducts = products.stream().map(ProductCotangents::together);
        return Stream.concat(ofSlices, ofProducts).reduce(Tensor::add).orElseThrow();
    }
}
