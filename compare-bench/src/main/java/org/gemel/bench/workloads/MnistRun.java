package org.gemel.bench.workloads;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.gemel.bench.report.Cost;
import org.gemel.bench.report.ModeResult;
import org.gemel.bench.report.Progress;
import org.gemel.bench.report.Training;
import org.gemel.bench.stats.Bootstrap;
import org.gemel.data.Batch;
import org.gemel.data.Batches;
import org.gemel.data.LabelledImages;
import org.gemel.data.Mnist;
import org.gemel.tracer.Mode;

/// The training of one mode, epoch by epoch.
final class MnistRun {
    static final int EPOCHS = 3;
    static final int BATCH = 64;
    private static final long SEED = 1;
    private static final int TEST_BATCH = 1000;

    private final Mode mode;
    private final Mnist data;
    private final Setting setting;
    private final Batches batches;
    private final Digits digits;
    private final float[] losses;
    private final double[] stepNs;
    private final List<Long> epochBytes = new ArrayList<>();
    private int done;
    private long trainingNs;
    private long ownBytes;

    MnistRun(Mode mode, Mnist data, Setting setting) {
        this.mode = mode;
        this.data = data;
        this.setting = setting;
        this.batches = data.train().batches(BATCH);
        this.losses = new float[EPOCHS * batches.perEpoch()];
        this.stepNs = new double[losses.length];
        long before = Costs.bytesAlive();
        this.digits = mode.call(() -> new Digits(SEED));
        this.ownBytes = Costs.bytesAlive() - before;
    }

    /// Trains for one epoch, numbered from 0.
    void train(int epoch) {
        // The other mode rests meanwhile: what the memory alive grows by is this mode's own.
        long before = Costs.bytesAlive();
        mode.run(() -> trainInMode(epoch));
        ownBytes += Costs.bytesAlive() - before;
        epochBytes.add(ownBytes);
    }

    private void trainInMode(int epoch) {
        long epochStart = setting.clock().getAsLong();
        int first = done;
        for (Batch batch : batches.shuffled(SEED, epoch)) {
            var images = batch.images();
            var labels = batch.labels();
            long start = setting.clock().getAsLong();
            losses[done] = (float) digits.train(images, labels).item();
            long end = setting.clock().getAsLong();
            stepNs[done] = end - start;
            done++;
            double seconds = (end - epochStart) / 1e9;
            int seen = Math.min((done - first) * BATCH, data.train().size());
            setting.progress()
                    .show(
                            new Progress.Moment(
                                    mode.name().toLowerCase(Locale.ROOT),
                                    epoch + 1,
                                    EPOCHS,
                                    done - first,
                                    batches.perEpoch(),
                                    losses[done - 1],
                                    seen / seconds));
        }
        trainingNs += setting.clock().getAsLong() - epochStart;
    }

    /// The share of the test images that are read correctly.
    double accuracy() {
        LabelledImages test = data.test();
        int right = 0;
        for (Batch batch : test.batches(TEST_BATCH).inOrder()) {
            var images = batch.images();
            long[] read = mode.call(() -> digits.read(images).toLongArray());
            for (int i = 0; i < read.length; i++) {
                right += read[i] == batch.label(i) ? 1 : 0;
            }
        }
        return (double) right / test.size();
    }

    // The counted cost of a step, on a batch like any other; changes the parameters.
    private Cost cost(int steps, long peakBytes) {
        Batch batch = batches.inOrder().iterator().next();
        var images = batch.images();
        var labels = batch.labels();
        return Costs.of(
                steps,
                () ->
                        mode.run(() -> {
                            for (int i = 0; i < steps; i++) {
                                digits.train(images, labels);
                            }
                        }),
                peakBytes);
    }

    /// What there is to report; counts the cost of so many further steps.
    ModeResult result(FirstCall alone, double accuracy, int steps) {
        double images = (double) EPOCHS * data.train().size();
        return new ModeResult(
                Bootstrap.median(stepNs),
                alone.nanos(),
                cost(steps, alone.peakBytes()),
                Optional.of(new Training(accuracy, images / (trainingNs / 1e9), epochBytes)));
    }

    float[] losses() {
        return losses.clone();
    }

    double[] stepNs() {
        return stepNs.clone();
    }

    List<float[]> parameters() {
        return digits.model().parameters().stream().map(p -> p.value().toFloatArray()).toList();
    }
}
