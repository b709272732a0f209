package org.gemel.tracer;

import java.io.IOException;
import java.util.List;
import org.gemel.Tensor;

/// Traced methods of every kind.
final class WeaverTestModel implements WeaverTestCalls {
    // Out of sight of the guards, to whom a counter would be a side effect.
    private final ThreadLocal<Integer> runs = ThreadLocal.withInitial(() -> 0);

    @Override
    public int runs() {
        return runs.get();
    }

    @Traced
    @Override
    public Tensor instance(Tensor x) {
        runs.set(runs.get() + 1);
        return x.add(1);
    }

    @Override
    public Tensor ofStatic(Tensor x) {
        return twice(x);
    }

    @Traced
    static Tensor twice(Tensor x) {
        return x.mul(2);
    }

    @Override
    public Tensor ofPrivate(Tensor x) {
        return hidden(x);
    }

    @Traced
    private Tensor hidden(Tensor x) {
        return instance(x).add(twice(x));
    }

    @Traced
    @Override
    public Tensor manyKinds(Tensor x, boolean negate, long times, double factor, int[] power) {
        Tensor y = negate ? x.neg() : x;
        for (long i = 0; i < times; i++) {
            y = y.mul(factor + power[0]);
        }
        return y;
    }

    @Traced
    @Override
    public List<Tensor> lists(List<Tensor> all) {
        return List.of(all.get(0).add(all.get(1)), all.get(0).mul(all.get(1)));
    }

    @Traced
    @Override
    public Tensor arrays(Tensor... all) {
        return all[0].sub(all[1]);
    }

    @Traced
    @Override
    public Pair records(Pair pair) {
        return new Pair(pair.right().mul(pair.times()), pair.left(), pair.times() + 1);
    }

    @Traced
    @Override
    public void nothing(Tensor x) {
        x.add(1);
    }

    @Traced
    @Override
    public Tensor checked(Tensor x) throws IOException {
        throw new IOException("no");
    }

    @Traced
    @Override
    public Tensor wrong(Tensor x) {
        return x.matmul(x);
    }

    @Traced
    @Override
    public Tensor counted(int[] numbers, Pair pair) {
        runs.set(runs.get() + 1);
        return pair.left().mul(numbers[0]).add(pair.right().mul(numbers[1] + pair.times()));
    }

    @Traced
    @Override
    public Object object(Tensor x) {
        return new StringBuilder();
    }
}
