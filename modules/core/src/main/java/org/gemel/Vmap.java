package org.gemel;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.gemel.op.Composite;
import org.gemel.op.Op;
import org.gemel.op.Primitive;

/// Functions of one example as functions of many: written without a batch, run with one.
///
/// Every operation has its rule, [Primitive#batched]; derivatives may be taken inside, outside and
/// across. A random key from outside is the same for every example; [Key#split] makes one for each.
public final class Vmap {
    /// In place of an axis: the input is the same for every example.
    public static final int SAME = Integer.MIN_VALUE;

    private Vmap() {}

    /// `f` for each element along dimension 0 of its input, the results along dimension 0.
    public static UnaryOperator<Tensor> of(UnaryOperator<Tensor> f) {
        UnaryOperator<List<Tensor>> many = ofAll(in -> List.of(f.apply(in.getFirst())), 0);
        return x -> many.apply(List.of(x)).getFirst();
    }

    /// `f` for each element along the given dimensions of its inputs, the results along dimension
    /// 0.
    ///
    /// @param axes for each input the dimension that counts examples, or [#SAME]; all 0 without
    public static UnaryOperator<List<Tensor>> ofAll(UnaryOperator<List<Tensor>> f, int... axes) {
        int[] chosen = axes.clone();
        return inputs -> run(f, inputs, chosen.length == 0 ? new int[inputs.size()] : chosen);
    }

    private static List<Tensor> run(
            UnaryOperator<List<Tensor>> f, List<Tensor> inputs, int[] axes) {
        if (axes.length != inputs.size()) {
            throw new TypeException(
                    "vmap: expects one axis for each of the %d inputs, but got %d; give Vmap.SAME for what all examples share"
                            .formatted(inputs.size(), axes.length));
        }
        Context outer = Context.current();
        List<Tensor> moved = new ArrayList<>();
        int size = -1;
        for (int i = 0; i < axes.length; i++) {
            Tensor input = inputs.get(i);
            if (axes[i] != SAME) {
                input = front(input, axes[i]);
                int own = input.shape().dim(0);
                if (size >= 0 && own != size) {
                    throw new TypeException(
                            "vmap: expects as many examples in each input, but got %d and %d; check the axes"
                                    .formatted(size, own));
                }
                size = own;
            }
            moved.add(input);
        }
        if (size < 0) {
            throw new TypeException(
                    "vmap: expects an input with examples, but all axes are Vmap.SAME; call the"
                            + " function itself");
        }
        Batching batching = new Batching(outer, size);
        List<Tensor> wrapped = new ArrayList<>();
        for (int i = 0; i < axes.length; i++) {
            wrapped.add(axes[i] == SAME ? moved.get(i) : batching.wrap(moved.get(i), true));
        }
        List<Tensor> results = outer.with(batching).recording(false).call(() -> f.apply(wrapped));
        return results.stream().map(batching::spread).toList();
    }

    private static Tensor front(Tensor x, int axis) {
        int resolved = x.shape().axis(axis);
        if (resolved == 0) {
            return x;
        }
        int[] order =
                IntStream.concat(
                                IntStream.of(resolved),
                                IntStream.range(0, x.shape().rank()).filter(i -> i != resolved))
                        .toArray();
        return x.permute(order);
    }

    /// What stands behind a tensor inside: all examples, or one value for all.
    private record Examples(Tensor tensor, boolean batched, Batching owner) implements Value {
        @Override
        public void copyTo(MemorySegment target) {
            throw new TypeException(
                    "vmap: expects a function that does not look at values, but it read a tensor of"
                            + " many examples; use tensor operations such as where instead");
        }

        @Override
        public String placeholder() {
            return "one of many examples";
        }

        @Override
        public void retain() {}

        @Override
        public void release() {}
    }

    /// The interpreter that hands each operation on for all examples at once.
    private static final class Batching implements Interpreter {
        private final Context outer;
        private final int size;

        Batching(Context outer, int size) {
            this.outer = outer;
            this.size = size;
        }

        Tensor wrap(Tensor tensor, boolean batched) {
            Shape shape = tensor.shape();
            Shape own =
                    batched
                            ? Shape.of(IntStream.range(1, shape.rank()).map(shape::dim).toArray())
                            : shape;
            return Tensor.of(tensor.type().with(own), new Examples(tensor, batched, this));
        }

        private Optional<Examples> examples(Tensor tensor) {
            return tensor.value() instanceof Examples examples && examples.owner() == this
                    ? Optional.of(examples)
                    : Optional.empty();
        }

        private Tensor inner(Tensor tensor) {
            return examples(tensor).map(Examples::tensor).orElse(tensor);
        }

        private boolean batched(Tensor tensor) {
            return examples(tensor).map(Examples::batched).orElse(false);
        }

        // With the examples along dimension 0, whether it depends on them or not.
        Tensor spread(Tensor tensor) {
            Tensor inner = inner(tensor);
            return batched(tensor) ? inner : inner.expand(Primitive.prepend(size, inner.shape()));
        }

        @Override
        public List<Tensor> apply(Op op, List<Tensor> inputs) {
            return switch (op) {
                case Composite composite ->
                        // new handles, since the caller links them
                        composite.expand(inputs).stream()
                                .map(result -> wrap(inner(result), batched(result)))
                                .toList();
                case Primitive primitive -> List.of(apply(primitive, inputs));
            };
        }

        private Tensor apply(Primitive op, List<Tensor> inputs) {
            List<Tensor> inner = inputs.stream().map(this::inner).toList();
            List<Boolean> batched = inputs.stream().map(this::batched).toList();
            // The rule of one example is checked first, so that the message speaks of that.
            op.infer(inputs.stream().map(Tensor::type).toList());
            boolean any = batched.contains(true);
            Tensor result =
                    outer.call(() ->
                            any
                                    ? op.batched(inner, batched, size)
                                    : Tensor.apply(op, inner).getFirst());
            return wrap(result, any);
        }

        @Override
        public Tensor constant(TensorType type, MemorySegment elements) {
            return wrap(outer.interpreter().constant(type, elements), false);
        }

        @Override
        public Slot slot(String name) {
            return outer.interpreter().slot(name);
        }

        @Override
        public Optional<Tensor> read(Slot slot) {
            return outer.call(slot::read).map(tensor -> wrap(tensor, false));
        }

        @Override
        public void write(Slot slot, Optional<Tensor> content) {
            if (content.isPresent() && batched(content.get())) {
                throw new TypeException(
                        "vmap: expects assignments that are the same for every example, but %s is to"
                                        .formatted(slot)
                                + " depend on it; return the value instead");
            }
            outer.interpreter().write(slot, content.map(tensor -> inner(tensor).alias(null)));
        }

        @Override
        public void threads(int count) {
            outer.interpreter().threads(count);
        }
    }
}
