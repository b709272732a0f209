package org.gemel.testkit;

import java.util.Arrays;
import java.util.Optional;
import org.gemel.Accumulation;
import org.gemel.Gemel;
import org.gemel.Lookup;
import org.gemel.Tensor;
import org.gemel.testkit.GoldenOps.Table;

/// Golden embeddings.
final class GoldenLookups {
    private GoldenLookups() {}

    static void fill(Table ops) {
        ops.put("embedding", GoldenLookups::embedding);
        ops.put("embedding_bag", GoldenLookups::bags);
    }

    private static Lookup lookup(Call call) {
        // how gradients are stored does not change them
        call.flag("sparse");
        Lookup how = Lookup.PLAIN;
        if (call.has("padding_idx")) {
            how = how.padding(call.integer("padding_idx"));
        }
        double order = call.number("norm_type", 2);
        if (call.has("max_norm")) {
            how = how.longest(call.number("max_norm"), order);
        }
        return call.flag("scale_grad_by_freq") ? how.scaledByFrequency() : how;
    }

    private static Tensor embedding(Call call) {
        return call.in("weight").embedding(call.in("index"), lookup(call));
    }

    private static Tensor bags(Call call) {
        Accumulation kind =
                switch (call.oneOf("mode", "mean", "sum", "max")) {
                    case "mean" -> Accumulation.MEAN;
                    case "sum" -> Accumulation.SUM;
                    default -> Accumulation.LARGEST;
                };
        Tensor index = call.in("index");
        Optional<Tensor> weights = call.optional("per_sample_weights");
        Optional<Tensor> offsets = call.optional("offsets");
        if (offsets.isEmpty() && call.has("offsets")) {
            long[] from = Arrays.stream(call.integers("offsets")).asLongStream().toArray();
            offsets = Optional.of(Gemel.tensor(from));
        }
        Tensor weight = call.in("weight");
        if (offsets.isEmpty()) {
            return weight.embeddingBag(index, kind, weights, lookup(call));
        }
        Tensor from = offsets.get();
        int bags = from.shape().dim(0) - (call.flag("include_last_offset") ? 1 : 0);
        Tensor starts = from.slice(0, 0, bags, 1);
        return weight.embeddingBag(index, starts, kind, weights, lookup(call));
    }
}
