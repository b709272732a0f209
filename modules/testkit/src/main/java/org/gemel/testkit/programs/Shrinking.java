package org.gemel.testkit.programs;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import org.gemel.Tensor;
import org.gemel.op.Dense;
import org.gemel.testkit.HostTensors;

/// Makes a failing program small: fewer results, no derivatives, steps replaced by the values that
/// they had or by one of their operands.
public final class Shrinking {
    private Shrinking() {}

    /// A program that still fails and of which no part can be left out.
    public static Program of(Program program, Function<Program, Optional<String>> failure) {
        Predicate<Program> fails = candidate -> failure.apply(candidate).isPresent();
        Program best = program;
        boolean smaller = true;
        while (smaller) {
            smaller = false;
            for (Program candidate : coarse(best)) {
                if (fails.test(candidate)) {
                    best = candidate;
                    smaller = true;
                    break;
                }
            }
            for (int id = best.lines().size() - 1; id >= 0; id--) {
                Optional<Program> without = without(best, id, fails);
                if (without.isPresent()) {
                    best = without.get();
                    smaller = true;
                }
            }
        }
        return best;
    }

    private static List<Program> coarse(Program program) {
        List<Program> all = new ArrayList<>();
        if (program.outputs().size() > 1) {
            for (int output : program.outputs()) {
                all.add(program.with(program.lines(), List.of(output), program.order()));
            }
        }
        int last = program.outputs().getFirst();
        if (program.outputs().size() == 1
                && program.lines().get(last) instanceof Program.Step step) {
            // what comes after the failing step says nothing
            for (int from : step.from()) {
                all.add(program.with(program.lines(), List.of(from), program.order()));
            }
        }
        if (program.learning() != Learning.NONE) {
            all.add(program.unlearned());
        }
        for (int order = 0; order < program.order(); order++) {
            all.add(program.with(program.lines(), program.outputs(), order));
        }
        return all;
    }

    private static Optional<Program> without(Program program, int id, Predicate<Program> fails) {
        if (!program.needed().get(id)) {
            return Optional.empty();
        }
        if (program.lines().get(id) instanceof Program.Weight(Dense initial)) {
            return Optional.of(replaced(program, id, initial)).filter(fails);
        }
        if (!(program.lines().get(id) instanceof Program.Step step)) {
            return Optional.empty();
        }
        List<Program> candidates = new ArrayList<>();
        value(program, id).ifPresent(value -> candidates.add(replaced(program, id, value)));
        for (int from : step.from()) {
            if (program.lines().get(from).type().equals(step.type())) {
                candidates.add(renamed(program, id, from));
            }
        }
        return candidates.stream().filter(fails).findFirst();
    }

    // The line is an input instead.
    private static Program replaced(Program program, int id, Dense value) {
        List<Program.Line> lines = new ArrayList<>(program.lines());
        lines.set(id, new Program.Input(value));
        return program.with(lines, program.outputs(), program.order());
    }

    // Everyone who reads line `id` reads `other` instead.
    private static Program renamed(Program program, int id, int other) {
        List<Program.Line> lines = new ArrayList<>();
        for (Program.Line line : program.lines()) {
            lines.add(
                    switch (line) {
                        case Program.Input input -> input;
                        case Program.Weight weight -> weight;
                        case Program.Step step ->
                                step.withOperands(
                                        step.from().stream()
                                                .map(from -> from == id ? other : from)
                                                .toList());
                    });
        }
        List<Integer> outputs =
                program.outputs().stream().map(output -> output == id ? other : output).toList();
        return program.with(lines, outputs, program.order());
    }

    // What the line had in eager mode, on the program's own inputs.
    private static Optional<Dense> value(Program program, int id) {
        Program alone = program.with(program.lines(), List.of(id), 0).unlearned();
        try {
            Tensor tensor = alone.function().apply(Program.tensors(alone.inputs())).getFirst();
            return Optional.of(HostTensors.dense(tensor));
        } catch (RuntimeException | LinkageError | AssertionError thrown) {
            // the very step that fails
            return Optional.empty();
        }
    }
}
