package org.gemel.tracer;

import java.util.List;
import java.util.Objects;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import org.gemel.Tensor;
import org.jspecify.annotations.Nullable;

/// A function that is captured, compiled and run as that; made by [Tracer].
public abstract sealed class TracedFunction {
    private final TraceCache cache;

    private TracedFunction(TraceCache cache) {
        this.cache = cache;
    }

    /// What was traced, for which arguments, why it was traced again, and what a call costs.
    public String explain() {
        return cache.explain();
    }

    /// What a call runs, kernel by kernel, with what each reads and writes; of the trace that was
    /// made last.
    public String listing() {
        return cache.listing();
    }

    TraceCache cache() {
        return cache;
    }

    Tensor call(Object... arguments) {
        return (Tensor) Objects.requireNonNull(cache.call(arguments));
    }

    @Override
    public String toString() {
        return "traced " + cache.name();
    }

    /// A function of three tensors.
    @FunctionalInterface
    public interface OfThree {
        /// Its result.
        Tensor apply(Tensor a, Tensor b, Tensor c);
    }

    /// A traced function of one tensor.
    public static final class One extends TracedFunction implements UnaryOperator<Tensor> {
        One(TraceCache cache) {
            super(cache);
        }

        @Override
        public Tensor apply(Tensor a) {
            return call(a);
        }
    }

    /// A traced function of two tensors.
    public static final class Two extends TracedFunction implements BinaryOperator<Tensor> {
        Two(TraceCache cache) {
            super(cache);
        }

        @Override
        public Tensor apply(Tensor a, Tensor b) {
            return call(a, b);
        }
    }

    /// A traced function of three tensors.
    public static final class Three extends TracedFunction implements OfThree {
        Three(TraceCache cache) {
            super(cache);
        }

        @Override
        public Tensor apply(Tensor a, Tensor b, Tensor c) {
            return call(a, b, c);
        }
    }

    /// A traced function from tensors to tensors.
    public static final class Many extends TracedFunction implements UnaryOperator<List<Tensor>> {
        Many(TraceCache cache) {
            super(cache);
        }

        @Override
        public List<Tensor> apply(List<Tensor> all) {
            return tensors(cache().call(new Object[] {all}));
        }
    }

    @SuppressWarnings("unchecked")
    static List<Tensor> tensors(@Nullable Object list) {
        return (List<Tensor>) Objects.requireNonNull(list);
    }
}
