package org.gemel.bench.workloads;

import static org.gemel.Gemel.tensor;
import static org.gemel.Gemel.zeros;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.gemel.GemelException;
import org.gemel.Tensor;
import org.gemel.bench.report.Problem;
import org.gemel.bench.report.WorkloadResult;
import org.gemel.bench.stats.Agreement;
import org.gemel.bench.stats.Bootstrap;
import org.gemel.bench.stats.BreakEven;
import org.gemel.data.Mnist;
import org.gemel.tracer.Mode;

/// Trains a perceptron on the 60,000 images of MNIST in both modes from the same seed. The modes
/// take turns epoch by epoch, and every loss of one is compared with the other's bit for bit.
final class MnistTraining implements Workload {
    private static final double LEAST_ACCURACY = 0.975;
    private static final int COUNTED_STEPS = 10;

    @Override
    public String name() {
        return "mnist";
    }

    @Override
    public String title() {
        return "MNIST, 784-256-128-10, batch 64, Adam 1e-3, 3 epochs";
    }

    @Override
    public boolean byDefault() {
        return false;
    }

    @Override
    public boolean readsData() {
        return true;
    }

    /// A blank batch costs what any other does, and needs no data set.
    @Override
    public Program start() {
        Digits digits = new Digits(0);
        Tensor images = zeros(MnistRun.BATCH, Mnist.SIDE * Mnist.SIDE);
        Tensor labels = tensor(new long[MnistRun.BATCH]);
        return new Program() {
            @Override
            public Tensor step() {
                return digits.train(images, labels);
            }

            @Override
            public List<Tensor> state() {
                return digits.model().parameters().stream().map(p -> p.value()).toList();
            }
        };
    }

    @Override
    public Prepared prepare(Setting setting) {
        Path folder =
                setting.data()
                        .orElseThrow(() ->
                                Problem.missing(
                                        "mnist: expects --data with the folder of the data"
                                                + " set, but there is none; "
                                                + Mnist.WHERE));
        Mnist data;
        try {
            data = Mnist.read(folder);
        } catch (GemelException e) {
            throw Problem.missing(String.valueOf(e.getMessage()));
        }
        return () -> compare(data, setting);
    }

    private WorkloadResult compare(Mnist data, Setting setting) {
        setting.progress().doing(name());
        FirstCall firstEager = firstCall(Mode.EAGER, setting);
        FirstCall firstTraced = firstCall(Mode.TRACED, setting);
        MnistRun eager = new MnistRun(Mode.EAGER, data, setting);
        MnistRun traced = new MnistRun(Mode.TRACED, data, setting);
        for (int epoch = 0; epoch < MnistRun.EPOCHS; epoch++) {
            if (epoch % 2 == 0) {
                eager.train(epoch);
                traced.train(epoch);
            } else {
                traced.train(epoch);
                eager.train(epoch);
            }
        }
        Agreement losses = Agreement.of(List.of(eager.losses()), List.of(traced.losses()));
        Agreement all = losses.and(Agreement.of(eager.parameters(), traced.parameters()));
        if (!all.bitsEqual()) {
            return failed(differing(eager.losses(), traced.losses()), Optional.of(all));
        }
        double accuracy = eager.accuracy();
        double tracedAccuracy = traced.accuracy();
        if (Math.min(accuracy, tracedAccuracy) < LEAST_ACCURACY) {
            return failed(
                    "expects a test accuracy of at least %s, but eager has %s and traced %s"
                            .formatted(LEAST_ACCURACY, accuracy, tracedAccuracy),
                    Optional.of(all));
        }
        double[] eagerNs = eager.stepNs();
        double[] tracedNs = traced.stepNs();
        var eagerResult = eager.result(firstEager, accuracy, COUNTED_STEPS);
        var tracedResult = traced.result(firstTraced, tracedAccuracy, COUNTED_STEPS);
        return new WorkloadResult.Measured(
                name(),
                title(),
                eagerResult,
                tracedResult,
                Bootstrap.pairedRatio(eagerNs, tracedNs),
                BreakEven.calls(
                        firstEager.nanos(),
                        firstTraced.nanos(),
                        eagerResult.stepNs().median(),
                        tracedResult.stepNs().median()),
                all,
                String.format(
                        Locale.ROOT,
                        "the losses of all %,d steps and all %,d parameters",
                        losses.compared(),
                        all.compared() - losses.compared()));
    }

    private FirstCall firstCall(Mode mode, Setting setting) {
        return FirstCall.median(this, mode, setting.threads(), setting.effort().firstCalls());
    }

    private static String differing(float[] eager, float[] traced) {
        for (int i = 0; i < eager.length; i++) {
            if (Float.floatToRawIntBits(eager[i]) != Float.floatToRawIntBits(traced[i])) {
                return "expects the same bits in both modes, but the loss of step %d is %s eagerly"
                                .formatted(i + 1, eager[i])
                        + " and %s traced; please report it".formatted(traced[i]);
            }
        }
        return "expects the same bits in both modes, but the parameters differ at the end; please"
                + " report it";
    }

    private WorkloadResult failed(String reason, Optional<Agreement> agreement) {
        return new WorkloadResult.Failed(name(), title(), reason, agreement);
    }
}
