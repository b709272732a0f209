package org.gemel.bench.workloads;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import org.gemel.Tensor;
import org.gemel.bench.measure.Contender;
import org.gemel.bench.measure.Duel;
import org.gemel.bench.report.Cost;
import org.gemel.bench.report.ModeResult;
import org.gemel.bench.report.Problem;
import org.gemel.bench.report.WorkloadResult;
import org.gemel.bench.stats.Agreement;
import org.gemel.bench.stats.BreakEven;
import org.gemel.tracer.Mode;

/// A workload that repeats one step: first it must be right, then it is measured.
///
/// @param check what the first steps must result in
/// @param compared what [Program#state] holds, in words
/// @param maker makes a program in its initial state
/// @param byDefault whether it runs when no workload is named
record StepWorkload(
        String name,
        String title,
        Check check,
        String compared,
        Supplier<Program> maker,
        boolean byDefault)
        implements Workload {
    private static final int COUNTED_STEPS = 10;

    /// A workload that runs by default.
    StepWorkload(String name, String title, Check check, String compared, Supplier<Program> maker) {
        this(name, title, check, compared, maker, true);
    }

    @Override
    public boolean readsData() {
        return false;
    }

    @Override
    public Program start() {
        return maker.get();
    }

    @Override
    public Prepared prepare(Setting setting) {
        return () -> {
            setting.progress().doing(name);
            return measure(setting);
        };
    }

    private WorkloadResult measure(Setting setting) {
        FirstCall firstEager = firstCall(Mode.EAGER, setting);
        FirstCall firstTraced = firstCall(Mode.TRACED, setting);
        Runner eager = new Runner(Mode.EAGER, start());
        Runner traced = new Runner(Mode.TRACED, start());
        eager.check();
        traced.check();
        Agreement early = agreement(eager, traced);
        if (!early.bitsEqual()) {
            return failed(differing(check.steps()), Optional.of(early));
        }
        Duel.Outcome outcome =
                new Duel(setting.effort(), setting.clock(), setting.compiling())
                        .fight(eager, traced);
        Cost eagerCost = eager.cost(firstEager);
        Cost tracedCost = traced.cost(firstTraced);
        long steps = outcome.steps() + COUNTED_STEPS;
        Agreement agreement = agreement(eager, traced);
        if (!agreement.bitsEqual()) {
            return failed(differing(steps), Optional.of(agreement));
        }
        return new WorkloadResult.Measured(
                name,
                title,
                new ModeResult(outcome.left(), firstEager.nanos(), eagerCost, Optional.empty()),
                new ModeResult(outcome.right(), firstTraced.nanos(), tracedCost, Optional.empty()),
                outcome.ratio(),
                BreakEven.calls(
                        firstEager.nanos(),
                        firstTraced.nanos(),
                        outcome.left().median(),
                        outcome.right().median()),
                agreement,
                String.format(
                        Locale.ROOT,
                        "all %,d %s after %,d steps",
                        agreement.compared(),
                        compared,
                        steps));
    }

    private FirstCall firstCall(Mode mode, Setting setting) {
        return FirstCall.median(this, mode, setting.threads(), setting.effort().firstCalls());
    }

    private static String differing(long steps) {
        return "expects the same bits in both modes, but they differ after "
                + steps
                + " steps; please report it";
    }

    private WorkloadResult failed(String reason, Optional<Agreement> agreement) {
        return new WorkloadResult.Failed(name, title, reason, agreement);
    }

    private static Agreement agreement(Runner eager, Runner traced) {
        return Agreement.of(eager.state(), traced.state());
    }

    /// One program in one mode.
    private final class Runner implements Contender {
        private final Mode mode;
        private final Program program;

        Runner(Mode mode, Program program) {
            this.mode = mode;
            this.program = program;
        }

        void check() {
            for (int step = 1; step <= check.steps(); step++) {
                judge(step, mode.call(() -> program.step().toFloatArray()));
            }
        }

        private void judge(int step, float[] result) {
            check.wrong(step, result)
                    .ifPresent(wrong -> {
                        throw Problem.failed(mode.name().toLowerCase(Locale.ROOT) + ": " + wrong);
                    });
        }

        @Override
        public void restart() {
            program.restart();
        }

        @Override
        public void run(int steps) {
            mode.run(() -> {
                for (int i = 0; i < steps; i++) {
                    program.step();
                }
            });
        }

        Cost cost(FirstCall alone) {
            return Costs.of(COUNTED_STEPS, () -> run(COUNTED_STEPS), alone.peakBytes());
        }

        List<float[]> state() {
            List<float[]> arrays = new ArrayList<>();
            for (Tensor tensor : program.state()) {
                arrays.add(tensor.toFloatArray());
            }
            return arrays;
        }
    }
}
