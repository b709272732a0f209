package org.gemel.testkit.programs;

import static org.gemel.testkit.programs.Draft.step;
import static org.gemel.testkit.programs.Draft.text;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.gemel.DType;
import org.gemel.Index;
import org.gemel.Shape;
import org.gemel.Tensor;
import org.gemel.TensorType;

/// Steps that read and write by index, and that put things in order.
final class IndexSteps {
    static final List<Maker> ALL =
            List.of(
                    IndexSteps::places,
                    IndexSteps::places,
                    IndexSteps::rows,
                    IndexSteps::rows,
                    IndexSteps::aligned,
                    IndexSteps::aligned,
                    IndexSteps::order,
                    IndexSteps::order,
                    IndexSteps::update,
                    IndexSteps::masked,
                    IndexSteps::whole);

    private IndexSteps() {}

    // A line that makes whole numbers of any number, all below `bound`.
    private static Tensor within(Tensor index, int bound) {
        return index.to(DType.I64).remainder(bound);
    }

    private static String within(String name, int bound) {
        return name + ".to(DType.I64).remainder(" + bound + ")";
    }

    private static Optional<Program.Step> places(Draft draft) {
        return step(
                "{0}.mul(7.3).to(DType.I64)",
                in -> in.getFirst().mul(7.3).to(DType.I64), draft.real(0));
    }

    // Rows along an axis at places that a vector names.
    private static Optional<Program.Step> rows(Draft draft) {
        OptionalInt x = draft.line(IndexSteps::hasRows);
        OptionalInt index = draft.line(IndexSteps::canBeIndex);
        if (x.isEmpty() || index.isEmpty()) {
            return Optional.empty();
        }
        Shape shape = draft.shape(x.getAsInt());
        int axis = draft.below(shape.rank());
        int n = shape.dim(axis);
        String flat = within("{1}", n) + ".reshape(-1)";
        return switch (draft.below(5)) {
            case 0 ->
                    step(
                            "{0}.at(Index.tensor(" + within("{1}", shape.dim(0)) + "))",
                            in -> in.get(0).at(Index.tensor(within(in.get(1), shape.dim(0)))),
                            x,
                            index);
            case 1 ->
                    step(
                            "{0}.indexSelect(%d, %s)".formatted(axis, flat),
                            in -> in.get(0).indexSelect(axis, within(in.get(1), n).reshape(-1)),
                            x,
                            index);
            case 2 ->
                    step(
                            "{0}.take(" + within("{1}", Math.toIntExact(shape.size())) + ")",
                            in -> in.get(0).take(within(in.get(1), Math.toIntExact(shape.size()))),
                            x,
                            index);
            case 3 ->
                    step(
                            "{0}.indexAdd(%d, %s, {0}.indexSelect(%d, %s).mul(0.5))"
                                    .formatted(axis, flat, axis, flat),
                            in -> {
                                Tensor at = within(in.get(1), n).reshape(-1);
                                Tensor source = in.get(0).indexSelect(axis, at).mul(0.5);
                                return in.get(0).indexAdd(axis, at, source);
                            },
                            draft.type(x.getAsInt()).dtype() == DType.BOOL
                                    ? OptionalInt.empty()
                                    : x,
                            index);
            default ->
                    step(
                            "{0}.indexCopy(%d, %s, {0}.indexSelect(%d, %s).flip(0))"
                                    .formatted(axis, flat, axis, flat),
                            in -> {
                                Tensor at = within(in.get(1), n).reshape(-1);
                                Tensor source = in.get(0).indexSelect(axis, at).flip(0);
                                return in.get(0).indexCopy(axis, at, source);
                            },
                            x,
                            index);
        };
    }

    private static boolean hasRows(TensorType type) {
        return type.shape().rank() > 0 && type.shape().size() > 0;
    }

    private static boolean canBeIndex(TensorType type) {
        return type.shape().rank() > 0 && type.shape().rank() < 3 && type.shape().size() < 200;
    }

    // An index with the shape of what it indexes.
    private static Optional<Program.Step> aligned(Draft draft) {
        OptionalInt x = draft.line(type -> hasRows(type) && type.dtype() != DType.BOOL);
        if (x.isEmpty()) {
            return Optional.empty();
        }
        Shape shape = draft.shape(x.getAsInt());
        int axis = draft.below(shape.rank());
        int n = shape.dim(axis);
        OptionalInt index = draft.line(type -> type.shape().equals(shape));
        String at = within("{1}", n);
        return switch (draft.below(4)) {
            case 0 ->
                    step(
                            "{0}.gather(%d, %s)".formatted(axis, at),
                            in -> in.get(0).gather(axis, within(in.get(1), n)),
                            x,
                            index);
            case 1 ->
                    step(
                            "{0}.scatter(%d, %s, {0}.mul(2))".formatted(axis, at),
                            in -> in.get(0).scatter(axis, within(in.get(1), n), in.get(0).mul(2)),
                            x,
                            index);
            case 2 ->
                    step(
                            "{0}.scatterAdd(%d, %s, {0})".formatted(axis, at),
                            in -> in.get(0).scatterAdd(axis, within(in.get(1), n), in.get(0)),
                            x,
                            index);
            default ->
                    step(
                            "{0}.takeAlong(%s, %d)".formatted(at, axis),
                            in -> in.get(0).takeAlong(within(in.get(1), n), axis),
                            x,
                            index);
        };
    }

    private static Optional<Program.Step> order(Draft draft) {
        OptionalInt x = draft.line(type -> hasRows(type) && type.dtype() != DType.BOOL);
        if (x.isEmpty()) {
            return Optional.empty();
        }
        Shape shape = draft.shape(x.getAsInt());
        int axis = draft.below(shape.rank());
        boolean down = draft.once(2);
        int k = draft.between(1, shape.dim(axis));
        return switch (draft.below(7)) {
            case 0 ->
                    step(
                            "{0}.sort(%d, %s).values()".formatted(axis, down),
                            in -> in.getFirst().sort(axis, down).values(),
                            x);
            case 1 ->
                    step(
                            "{0}.argsort(%d, %s)".formatted(axis, down),
                            in -> in.getFirst().argsort(axis, down),
                            x);
            case 2 ->
                    step(
                            "{0}.topk(%d, %d, %s).values()".formatted(k, axis, down),
                            in -> in.getFirst().topk(k, axis, down).values(),
                            x);
            case 3 ->
                    step(
                            "{0}.kthValue(%d, %d).values()".formatted(k, axis),
                            in -> in.getFirst().kthValue(k, axis).values(),
                            x);
            case 4 ->
                    step(
                            "{0}.median(" + axis + ").values()",
                            in -> in.getFirst().median(axis).values(),
                            x);
            case 5 -> step("{0}.argmax(" + axis + ")", in -> in.getFirst().argmax(axis), x);
            default -> step("{0}.argmin(" + axis + ")", in -> in.getFirst().argmin(axis), x);
        };
    }

    private static Optional<Program.Step> update(Draft draft) {
        OptionalInt x = draft.line(type -> type.shape().rank() > 0 && type.dtype() != DType.BOOL);
        if (x.isEmpty()) {
            return Optional.empty();
        }
        int n = draft.shape(x.getAsInt()).dim(0);
        int start = draft.below(n + 1);
        int stop = draft.between(start, n);
        String range = "Index.slice(" + text(start, stop) + ")";
        Index part = Index.slice(start, stop);
        return switch (draft.below(4)) {
            case 0 -> step("{0}.with(1.5, " + range + ")", in -> in.getFirst().with(1.5, part), x);
            case 1 ->
                    step(
                            "{0}.with({0}.at(%s).mul(3), %s)".formatted(range, range),
                            in -> in.getFirst().with(in.getFirst().at(part).mul(3), part),
                            x);
            case 2 ->
                    step(
                            "{0}.withAdded({0}.at(%s), %s)".formatted(range, range),
                            in -> in.getFirst().withAdded(in.getFirst().at(part), part),
                            x);
            default ->
                    step(
                            "{0}.with(0, Index.every(2))",
                            in -> in.getFirst().with(0, Index.every(2)), x);
        };
    }

    private static Optional<Program.Step> masked(Draft draft) {
        OptionalInt mask = draft.line(type -> type.dtype() == DType.BOOL);
        if (mask.isEmpty()) {
            return Optional.empty();
        }
        OptionalInt x =
                draft.line(type -> draft.broadcasts(type.shape(), draft.shape(mask.getAsInt())));
        return step("{0}.maskedFill({1}, 1)", in -> in.get(0).maskedFill(in.get(1), 1), x, mask);
    }

    private static Optional<Program.Step> whole(Draft draft) {
        OptionalInt index = draft.line(IndexSteps::canBeIndex);
        OptionalInt table =
                draft.line(type ->
                        type.shape().rank() == 2
                                && type.shape().size() > 0
                                && type.dtype().isFloating());
        int classes = draft.one(List.of(1, 3, 8));
        if (table.isEmpty() || draft.once(2)) {
            return step(
                    within("{0}", classes) + ".oneHot(" + classes + ")",
                    in -> within(in.getFirst(), classes).oneHot(classes),
                    index);
        }
        int rows = draft.shape(table.getAsInt()).dim(0);
        return step(
                "{0}.embedding(" + within("{1}", rows) + ")",
                in -> in.get(0).embedding(within(in.get(1), rows)),
                table,
                index);
    }
}
