package org.gemel.tracer;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.gemel.Tensor;
import org.gemel.backend.View;
import org.jspecify.annotations.Nullable;

/// Makes the result of a call from the memory that a program gave.
final class Results {
    private final Pattern pattern;
    private final int size;
    private final Optional<CutTape> cut;

    /// Results of `function` that are made up as `pattern` says.
    Results(String function, Pattern pattern) {
        this.pattern = pattern;
        this.size = pattern.size();
        List<Pattern.One> tensors = Tracing.tensors(pattern).toList();
        this.cut =
                tensors.stream().anyMatch(Pattern.One::grad)
                        ? Optional.of(
                                new CutTape(
                                        function, tensors.stream().map(Pattern.One::type).toList()))
                        : Optional.empty();
    }

    /// The result, from the first outputs.
    @Nullable Object wrap(View[] outputs) {
        List<Tensor> all = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            all.add(Tensor.of(outputs[i].type(), outputs[i]));
        }
        return pattern.build((cut.isPresent() ? cut.get().after(all) : all).iterator());
    }
}
