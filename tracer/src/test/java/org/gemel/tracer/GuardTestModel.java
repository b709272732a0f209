package org.gemel.tracer;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.gemel.Tensor;

/// Traced methods that each read a part of the state.
final class GuardTestModel implements GuardTestCalls {
    private final Random random = new Random(7);
    private final float[] data = new float[JavaState.LARGEST_ARRAY + 1];
    private final List<Integer> history = new ArrayList<>();
    private double factor = 2;
    private int counted;

    @Override
    public void count() {
        counted++;
        history.add(counted);
    }

    @Override
    public void factor(double next) {
        factor = next;
    }

    @Override
    public void setShift(double next) {
        Settings.shift = next;
    }

    @Traced
    @Override
    public Tensor scaled(Tensor x) {
        return x.mul(factor);
    }

    @Traced
    @Override
    public Tensor throughOthers(Tensor x) {
        Supplier<Double> read = this::current;
        return x.mul(read.get());
    }

    private double current() {
        return factor;
    }

    @Traced
    @Override
    public Tensor shifted(Tensor x) {
        return x.add(Settings.shift);
    }

    @Traced
    @Override
    public Tensor large(Tensor x) {
        return x.mul(data[0]);
    }

    @Traced
    @Override
    public Tensor drawn(Tensor x) {
        return x.mul(random.nextDouble());
    }
}
