package org.gemel.testkit.programs;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.gemel.Context;
import org.gemel.GemelException;
import org.gemel.Tensor;
import org.gemel.op.Dense;
import org.gemel.testkit.HostTensors;

/// Writes programs from seeds: the same seed gives the same program.
public final class Generator {
    private static final int LEAST = 5;
    private static final int MOST = 60;

    // How much larger than a line's value what it computes on the way may be.
    private static final int ROOM = 4;

    private static final List<List<Maker>> FAMILIES =
            List.of(
                    PointwiseSteps.ALL,
                    PointwiseSteps.ALL,
                    ViewSteps.ALL,
                    ViewSteps.ALL,
                    ReductionSteps.ALL,
                    ReductionSteps.ALL,
                    IndexSteps.ALL,
                    SelectSteps.ALL,
                    CompositeSteps.ALL,
                    TapeSteps.ALL,
                    LayerSteps.ALL,
                    MatrixSteps.ALL,
                    WindowSteps.ALL,
                    FlowSteps.ALL);

    // Each value that a program looks at cuts its trace, and each piece is compiled in two modes.
    private static final int MOST_LOOKS = 4;

    private Generator() {}

    /// The program of `seed`.
    public static Program program(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Draft draft = new Draft(random);
        for (int i = 0; i < 1 + random.nextInt(4); i++) {
            draft.input();
        }
        // long programs are rarer, as they take longer
        double u = random.nextDouble();
        int steps = LEAST + (int) ((MOST - LEAST + 1) * u * u);
        int attempts = 0;
        int made = 0;
        int looked = 0;
        while (made < steps && attempts++ < 10 * MOST) {
            List<Maker> family = draft.one(FAMILIES);
            boolean looks = family == FlowSteps.ALL || family == SelectSteps.ALL;
            if (looks && looked == MOST_LOOKS) {
                continue;
            }
            Optional<Program.Step> step = draft.one(family).make(draft);
            if (step.isPresent()) {
                switch (add(draft, step.get())) {
                    case ADDED -> {
                        made++;
                        looked += looks ? 1 : 0;
                    }
                    case REFUSED -> {}
                    case BROKEN -> {
                        return new Program(
                                seed, draft.lines(), List.of(draft.lines().size() - 1), 0);
                    }
                }
            }
        }
        return new Program(seed, draft.lines(), outputs(draft), order(draft), draft.learning());
    }

    /// What became of a step.
    private enum Added {
        ADDED,
        /// It cannot be done, or leads nowhere.
        REFUSED,
        /// It throws what nothing may throw: it is in the program, for the check to find.
        BROKEN
    }

    // Runs the step; not all are accepted.
    private static Added add(Draft draft, Program.Step step) {
        Tensor result;
        try {
            Context context = Context.current();
            List<Tensor> operands = step.from().stream().map(draft::value).toList();
            result =
                    context.with(Roomy.of(context.interpreter(), ROOM * draft.room()))
                            .call(() -> step.body().apply(operands));
        } catch (GemelException refused) {
            // such as the maximum of nothing
            return Added.REFUSED;
        } catch (RuntimeException | LinkageError | AssertionError thrown) {
            draft.add(step, Tensor.full(step.type(), 0));
            return Added.BROKEN;
        }
        if (result.size() > draft.room() || (!draft.once(20) && !isTame(result))) {
            return Added.REFUSED;
        }
        draft.add(step.withType(result.type()), result);
        return Added.ADDED;
    }

    // Numbers that later steps can still tell apart.
    private static boolean isTame(Tensor result) {
        if (!result.dtype().isFloating()) {
            return true;
        }
        Dense elements = HostTensors.dense(result);
        for (int i = 0; i < elements.size(); i++) {
            if (!(Math.abs(elements.real(i)) < 1e6)) {
                return false;
            }
        }
        return true;
    }

    private static List<Integer> outputs(Draft draft) {
        // Ends, so that little is written in vain, and some from the middle.
        boolean all = !draft.once(4);
        List<Integer> outputs = new ArrayList<>();
        for (int id : draft.ends()) {
            if (all || draft.once(2)) {
                outputs.add(id);
            }
        }
        int last = draft.lines().size() - 1;
        for (int i = draft.below(4); i > 0; i--) {
            int id = draft.below(last + 1);
            if (!outputs.contains(id)) {
                outputs.add(id);
            }
        }
        if (!outputs.contains(last)) {
            outputs.add(last);
        }
        return outputs;
    }

    private static int order(Draft draft) {
        int choice = draft.below(16);
        return choice == 0 && draft.lines().size() < 20 ? 2 : choice < 8 ? 1 : 0;
    }
}
