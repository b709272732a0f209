package org.gemel.testkit.programs;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// Runs of many random programs.
public final class Programs {
    private Programs() {}

    /// A program on which two ways to run it differ.
    ///
    /// @param seed the generator's
    /// @param reason what differs, in the small program
    /// @param program what is left of it after shrinking
    public record Mismatch(long seed, String reason, Program program) {
        @Override
        public String toString() {
            return "seed %d: %s%n%s".formatted(seed, reason, program);
        }
    }

    /// What a run found.
    ///
    /// @param programs how many ran
    /// @param steps how many calls they make in all
    /// @param mismatches all that failed
    public record Result(long programs, long steps, List<Mismatch> mismatches) {
        /// Copies the list.
        public Result {
            mismatches = List.copyOf(mismatches);
        }
    }

    /// Checks the programs of `count` seeds from `first` on; `found` hears of each mismatch at
    /// once.
    public static Result run(long first, long count, Consumer<Mismatch> found) {
        List<Mismatch> mismatches = new ArrayList<>();
        long steps = 0;
        for (long seed = first; seed < first + count; seed++) {
            Program program = Generator.program(seed);
            steps += program.steps();
            Optional<Mismatch> mismatch = check(program);
            mismatch.ifPresent(mismatches::add);
            mismatch.ifPresent(found);
        }
        return new Result(count, steps, mismatches);
    }

    /// What is wrong with a program, made small.
    public static Optional<Mismatch> check(Program program) {
        if (ProgramCheck.failure(program).isEmpty()) {
            return Optional.empty();
        }
        Program small = Shrinking.of(program, ProgramCheck::failure);
        String reason = ProgramCheck.failure(small).orElse("does not fail when run again");
        return Optional.of(new Mismatch(program.seed(), reason, small));
    }
}
