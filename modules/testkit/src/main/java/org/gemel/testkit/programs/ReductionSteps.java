package org.gemel.testkit.programs;

import static org.gemel.testkit.programs.Draft.step;
import static org.gemel.testkit.programs.Draft.text;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.gemel.Shape;
import org.gemel.Tensor;

/// Steps that reduce or accumulate along axes, and the usual ways to go on from there.
final class ReductionSteps {
    static final List<Maker> ALL =
            List.of(
                    ReductionSteps::numbers,
                    ReductionSteps::numbers,
                    ReductionSteps::reals,
                    ReductionSteps::reals,
                    ReductionSteps::keeping,
                    ReductionSteps::keeping,
                    ReductionSteps::running,
                    ReductionSteps::whole,
                    ReductionSteps::back);

    private ReductionSteps() {}

    private static int[] axes(Draft draft, OptionalInt x) {
        return x.isEmpty() ? new int[0] : draft.axes(draft.shape(x.getAsInt()).rank());
    }

    private static Optional<Program.Step> numbers(Draft draft) {
        OptionalInt x = draft.any(1);
        int[] axes = axes(draft, x);
        String list = "(" + text(axes) + ")";
        return switch (draft.below(6)) {
            case 0 -> step("{0}.sum" + list, in -> in.getFirst().sum(axes), x);
            case 1 -> step("{0}.amax" + list, in -> in.getFirst().amax(axes), x);
            case 2 -> step("{0}.amin" + list, in -> in.getFirst().amin(axes), x);
            case 3 -> step("{0}.prod" + list, in -> in.getFirst().prod(axes), x);
            case 4 -> step("{0}.any" + list, in -> in.getFirst().any(axes), x);
            default -> step("{0}.all" + list, in -> in.getFirst().all(axes), x);
        };
    }

    private static Optional<Program.Step> reals(Draft draft) {
        OptionalInt x = draft.real(1);
        int[] axes = axes(draft, x);
        String list = text(axes);
        double order = draft.one(List.of(0.0, 1.0, 2.0, 3.0, Double.POSITIVE_INFINITY));
        return switch (draft.below(6)) {
            case 0 -> step("{0}.mean(" + list + ")", in -> in.getFirst().mean(axes), x);
            case 1 -> step("{0}.logSumExp(" + list + ")", in -> in.getFirst().logSumExp(axes), x);
            case 2 ->
                    step("{0}.variance(0, " + list + ")", in -> in.getFirst().variance(0, axes), x);
            case 3 ->
                    step(
                            "{0}.deviation(1, " + list + ")",
                            in -> in.getFirst().deviation(1, axes),
                            x);
            case 4 ->
                    step(
                            "{0}.norm(%s, %s)".formatted(order, list),
                            in -> in.getFirst().norm(order, axes),
                            x);
            default -> step("{0}.sum(" + list + ")", in -> in.getFirst().sum(axes), x);
        };
    }

    private static Optional<Program.Step> keeping(Draft draft) {
        OptionalInt x = draft.real(1);
        int[] axes = axes(draft, x);
        String list = text(axes);
        return switch (draft.below(4)) {
            case 0 ->
                    step(
                            "{0}.sub({0}.keep({0}.mean(%s), %s))".formatted(list, list),
                            in -> {
                                Tensor v = in.getFirst();
                                return v.sub(v.keep(v.mean(axes), axes));
                            },
                            x);
            case 1 ->
                    step(
                            "{0}.sub({0}.keep({0}.amax(%s), %s)).exp()".formatted(list, list),
                            in -> {
                                Tensor v = in.getFirst();
                                return v.sub(v.keep(v.amax(axes), axes)).exp();
                            },
                            x);
            case 2 ->
                    step(
                            "{0}.div({0}.keep({0}.abs().sum(%s).add(1), %s))".formatted(list, list),
                            in -> {
                                Tensor v = in.getFirst();
                                return v.div(v.keep(v.abs().sum(axes).add(1), axes));
                            },
                            x);
            default ->
                    step(
                            "{0}.keep({0}.square().mean(%s), %s)".formatted(list, list),
                            in -> {
                                Tensor v = in.getFirst();
                                return v.keep(v.square().mean(axes), axes);
                            },
                            x);
        };
    }

    private static Optional<Program.Step> running(Draft draft) {
        OptionalInt x = draft.real(1);
        if (x.isEmpty()) {
            return Optional.empty();
        }
        int axis = draft.below(draft.shape(x.getAsInt()).rank());
        return switch (draft.below(6)) {
            case 0 -> step("{0}.cumsum(" + axis + ")", in -> in.getFirst().cumsum(axis), x);
            case 1 -> step("{0}.cumprod(" + axis + ")", in -> in.getFirst().cumprod(axis), x);
            case 2 ->
                    step(
                            "{0}.cummax(" + axis + ").values()",
                            in -> in.getFirst().cummax(axis).values(),
                            x);
            case 3 ->
                    step(
                            "{0}.cummin(" + axis + ").indices()",
                            in -> in.getFirst().cummin(axis).indices(),
                            x);
            case 4 ->
                    step(
                            "{0}.logCumSumExp(" + axis + ")",
                            in -> in.getFirst().logCumSumExp(axis),
                            x);
            default ->
                    step(
                            "{0}.flip(%d).cumsum(%d)".formatted(axis, axis),
                            in -> in.getFirst().flip(axis).cumsum(axis),
                            x);
        };
    }

    private static Optional<Program.Step> whole(Draft draft) {
        OptionalInt x = draft.any(0);
        return switch (draft.below(4)) {
            case 0 -> step("{0}.sum()", in -> in.getFirst().sum(), x);
            case 1 -> step("{0}.amax()", in -> in.getFirst().amax(), x);
            case 2 -> step("{0}.mean()", in -> in.getFirst().mean(), draft.real(0));
            default -> step("{0}.argmax()", in -> in.getFirst().argmax(), x);
        };
    }

    private static Optional<Program.Step> back(Draft draft) {
        OptionalInt x = draft.real(1);
        if (x.isEmpty()) {
            return Optional.empty();
        }
        Shape shape = draft.shape(x.getAsInt());
        int[] dims = shape.dims();
        for (int i = 0; i < dims.length; i++) {
            dims[i] = draft.once(2) ? 1 : dims[i];
        }
        Shape target = Shape.of(dims);
        return step(
                "{0}.sumTo(Shape.of(" + text(dims) + "))", in -> in.getFirst().sumTo(target), x);
    }
}
