package org.gemel.testkit.programs;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.gemel.Context;
import org.gemel.GemelException;
import org.gemel.Tensor;
import org.gemel.op.Dense;
import org.gemel.testkit.HostTensors;
import org.gemel.testkit.Modes;
import org.gemel.testkit.ReferenceInterpreter;

/// Whether a program means the same in every mode and what its operations' references say.
///
/// Modes are compared bit by bit (all NaN count as one), on the program's own inputs, on others
/// that may take other branches, and on its own again. The reference is given the operands that
/// eager had at each line, so that no difference adds up, and must agree within a bound; integers
/// and `bool` exactly.
public final class ProgramCheck {
    // The reference is slow: only so many elements, and the derivative of one step in so many.
    private static final int LARGEST = 4_500;
    private static final int SAMPLED = 4;

    private static final List<String> CALLS =
            List.of("first call", "other inputs", "called again", "called once more");

    private ProgramCheck() {}

    /// What is wrong with `program`, or nothing.
    public static Optional<String> failure(Program program) {
        try {
            return difference(program);
        } catch (RuntimeException | LinkageError | AssertionError thrown) {
            return Optional.of(text("EAGER", thrown));
        }
    }

    // An error that no program may cause.
    private static String text(String what, Throwable thrown) {
        StackTraceElement[] at = thrown.getStackTrace();
        return what + ": " + thrown + (at.length > 0 ? " at " + at[0] : "");
    }

    private static Optional<String> difference(Program program) {
        List<Dense> own = program.inputs();
        List<Dense> others = own.stream().map(ProgramCheck::reversed).toList();
        UnaryOperator<List<Tensor>> eager = Modes.EAGER.of(program.function());
        boolean state = program.hasState();
        List<List<Dense>> calls =
                state ? List.of(own, others, own, own) : List.of(own, others, own);
        List<Optional<List<Dense>>> wants = new ArrayList<>();
        for (List<Dense> inputs : calls) {
            // what is refused may have left a part of its work in the weights
            if (state && !wants.isEmpty() && wants.getLast().isEmpty()) {
                break;
            }
            wants.add(results(eager, inputs));
        }
        for (Modes mode : List.of(Modes.TRACED, Modes.TRACED_UNOPTIMIZED)) {
            UnaryOperator<List<Tensor>> function = mode.of(program.function());
            for (int i = 0; i < wants.size(); i++) {
                String call = mode + ", " + CALLS.get(i);
                Optional<String> difference =
                        difference(call, function, calls.get(i), wants.get(i));
                if (difference.isPresent()) {
                    return difference;
                }
            }
        }
        return wants.getFirst().isPresent() ? reference(program) : Optional.empty();
    }

    // Nothing where eager refuses these inputs: then so must the others.
    private static Optional<List<Dense>> results(
            UnaryOperator<List<Tensor>> function, List<Dense> inputs) {
        try {
            return Optional.of(dense(function.apply(Program.tensors(inputs))));
        } catch (GemelException refused) {
            return Optional.empty();
        }
    }

    private static List<Dense> dense(List<Tensor> tensors) {
        return tensors.stream().map(HostTensors::dense).toList();
    }

    private static Dense reversed(Dense elements) {
        int last = elements.size() - 1;
        return elements.type().dtype().isFloating()
                ? Dense.of(elements.type(), i -> -elements.real(last - i))
                : Dense.ofLongs(elements.type(), i -> elements.integer(last - i));
    }

    private static Optional<String> difference(
            String what,
            UnaryOperator<List<Tensor>> function,
            List<Dense> inputs,
            Optional<List<Dense>> wants) {
        List<Dense> found;
        try {
            found = dense(function.apply(Program.tensors(inputs)));
        } catch (GemelException refused) {
            return wants.isEmpty()
                    ? Optional.empty()
                    : Optional.of(what + ": eager runs, but this fails: " + refused.getMessage());
        } catch (RuntimeException | LinkageError | AssertionError thrown) {
            return Optional.of(text(what, thrown));
        }
        if (wants.isEmpty()) {
            return Optional.of(what + ": eager refuses, but this runs");
        }
        for (int i = 0; i < found.size(); i++) {
            Optional<String> text = difference(wants.get().get(i), found.get(i), 0);
            if (text.isPresent()) {
                return Optional.of("%s: result %d %s".formatted(what, i, text.get()));
            }
        }
        return Optional.empty();
    }

    private static Optional<String> difference(Dense want, Dense got, double bound) {
        if (!want.type().equals(got.type())) {
            return Optional.of("is %s instead of %s".formatted(got.type(), want.type()));
        }
        boolean real = want.type().dtype().isFloating();
        for (int i = 0; i < want.size(); i++) {
            boolean same =
                    real
                            ? near(want.real(i), got.real(i), bound)
                            : want.integer(i) == got.integer(i);
            if (!same) {
                return Optional.of(
                        "of type %s: element %d is %s instead of %s"
                                .formatted(
                                        want.type(),
                                        i,
                                        real ? got.real(i) : got.integer(i),
                                        real ? want.real(i) : want.integer(i)));
            }
        }
        return Optional.empty();
    }

    private static boolean near(double want, double got, double bound) {
        if (Double.isNaN(want) || Double.isNaN(got)) {
            return Double.isNaN(want) && Double.isNaN(got);
        }
        return bound == 0
                ? Double.doubleToRawLongBits(want) == Double.doubleToRawLongBits(got)
                : want == got || Math.abs(want - got) <= bound;
    }

    // Each line on the operands that eager had.
    private static Optional<String> reference(Program program) {
        Context reference = new Context(new ReferenceInterpreter(), true, null);
        Tensor[] values = new Tensor[program.lines().size()];
        BitSet needed = program.needed();
        for (int id = needed.nextSetBit(0); id >= 0; id = needed.nextSetBit(id + 1)) {
            switch (program.lines().get(id)) {
                case Program.Input(Dense elements) -> values[id] = HostTensors.tensor(elements);
                case Program.Weight(Dense initial) -> values[id] = HostTensors.tensor(initial);
                case Program.Step step -> {
                    List<Tensor> operands = step.from().stream().map(i -> values[i]).toList();
                    values[id] = step.body().apply(operands);
                    List<Dense> given = dense(operands);
                    if (given.stream().anyMatch(d -> d.size() > LARGEST)) {
                        continue;
                    }
                    Dense got = HostTensors.dense(values[id]);
                    double bound = bound(given, got);
                    Dense want =
                            reference.call(() ->
                                    HostTensors.dense(step.body().apply(Program.tensors(given))));
                    Optional<String> text =
                            Double.isFinite(bound)
                                    ? difference(want, got, bound)
                                    : Optional.empty();
                    if (text.isPresent()) {
                        return Optional.of("reference: v%d %s".formatted(id, text.get()));
                    }
                    boolean sampled = (program.seed() + id) % SAMPLED == 0;
                    Optional<String> slope =
                            sampled ? slopes(step, given, reference) : Optional.empty();
                    if (slope.isPresent()) {
                        return Optional.of("reference: slope of v%d %s".formatted(id, slope.get()));
                    }
                }
            }
        }
        return Optional.empty();
    }

    private static Optional<String> slopes(
            Program.Step step, List<Dense> given, Context reference) {
        if (given.stream().noneMatch(d -> d.type().dtype().isFloating())
                || given.stream().anyMatch(d -> d.size() > 500)) {
            return Optional.empty();
        }
        UnaryOperator<List<Tensor>> f = in -> List.of(step.body().apply(in));
        List<Dense> found = dense(Program.slopes(f, Program.tensors(given)));
        List<Dense> wants = reference.call(() -> dense(Program.slopes(f, Program.tensors(given))));
        for (int i = 0; i < found.size(); i++) {
            List<Dense> all = new ArrayList<>(given);
            all.add(found.get(i));
            double bound = bound(all, wants.get(i)) * 100;
            Optional<String> text =
                    Double.isFinite(bound)
                            ? difference(wants.get(i), found.get(i), bound)
                            : Optional.empty();
            if (text.isPresent()) {
                return text;
            }
        }
        return Optional.empty();
    }

    // How far rounding may carry a result: relative to its own largest element, or to the square of
    // the operands', as sums of products cancel; not finite if they are not.
    private static double bound(List<Dense> operands, Dense result) {
        double scale = Math.max(1, largest(result));
        for (Dense operand : operands) {
            double size = largest(operand);
            scale = Math.max(scale, size * size);
        }
        double relative = relative(result);
        for (Dense operand : operands) {
            relative = Math.max(relative, relative(operand));
        }
        return scale * relative;
    }

    private static double relative(Dense elements) {
        return switch (elements.type().dtype()) {
            case F64, I32, I64, I8, U8, BOOL -> 1e-9;
            case F32 -> 2e-3;
            case F16 -> 1e-2;
            case BF16 -> 5e-2;
        };
    }

    private static double largest(Dense elements) {
        double largest = 0;
        if (elements.type().dtype().isFloating()) {
            for (int i = 0; i < elements.size(); i++) {
                largest = Math.max(largest, Math.abs(elements.real(i)));
            }
        }
        return largest;
    }
}
