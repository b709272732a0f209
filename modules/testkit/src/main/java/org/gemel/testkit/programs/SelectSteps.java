package org.gemel.testkit.programs;

import static org.gemel.testkit.programs.Draft.step;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.gemel.DType;
import org.gemel.Index;
import org.gemel.Shape;
import org.gemel.Tensor;

/// Steps whose results have a shape that depends on values, or that index with several arrays.
final class SelectSteps {
    static final List<Maker> ALL =
            List.of(
                    SelectSteps::masked,
                    SelectSteps::masked,
                    SelectSteps::found,
                    SelectSteps::counted,
                    SelectSteps::bySize,
                    SelectSteps::bySize,
                    SelectSteps::arrays,
                    SelectSteps::arrays,
                    SelectSteps::repeated);

    private SelectSteps() {}

    private static OptionalInt notEmpty(Draft draft, int rank) {
        return draft.line(type -> type.shape().rank() >= rank && type.shape().size() > 0);
    }

    private static Optional<Program.Step> masked(Draft draft) {
        OptionalInt mask = draft.line(type -> type.dtype() == DType.BOOL);
        if (mask.isEmpty()) {
            return Optional.empty();
        }
        Shape shape = draft.shape(mask.getAsInt());
        OptionalInt x = draft.line(type -> type.shape().equals(shape));
        OptionalInt number =
                draft.line(type -> type.shape().equals(shape) && type.dtype() != DType.BOOL);
        return switch (draft.below(4)) {
            case 0 ->
                    step("{0}.maskedSelect({1})", in -> in.get(0).maskedSelect(in.get(1)), x, mask);
            case 1 ->
                    step(
                            "{0}.at(Index.tensor({1}))",
                            in -> in.get(0).at(Index.tensor(in.get(1))), x, mask);
            case 2 ->
                    step(
                            "{0}.with(2, Index.tensor({1}))",
                            in -> in.get(0).with(2, Index.tensor(in.get(1))), number, mask);
            default ->
                    step(
                            "{0}.maskedSelect({0}.gt(0))",
                            in -> in.getFirst().maskedSelect(in.getFirst().gt(0)), number);
        };
    }

    private static Optional<Program.Step> found(Draft draft) {
        OptionalInt x = draft.line(type -> type.shape().size() < 300 && type.dtype() != DType.BOOL);
        return switch (draft.below(4)) {
            case 0 -> step("{0}.nonzero()", in -> in.getFirst().nonzero(), x);
            case 1 -> step("{0}.unique().values()", in -> in.getFirst().unique().values(), x);
            case 2 -> step("{0}.unique().inverse()", in -> in.getFirst().unique().inverse(), x);
            default -> step("{0}.unique().counts()", in -> in.getFirst().unique().counts(), x);
        };
    }

    private static Optional<Program.Step> counted(Draft draft) {
        OptionalInt x = draft.line(type -> type.dtype() != DType.BOOL);
        int classes = draft.between(1, 9);
        if (x.isPresent() && draft.once(2)) {
            DType dtype = draft.type(x.getAsInt()).dtype();
            OptionalInt sorted =
                    draft.line(type -> type.dtype() == dtype && type.shape().rank() > 0);
            boolean right = draft.once(2);
            return step(
                    "{0}.reshape(-1).sort(0, false).values().searchSorted({1}, " + right + ")",
                    in ->
                            in.get(0)
                                    .reshape(-1)
                                    .sort(0, false)
                                    .values()
                                    .searchSorted(in.get(1), right),
                    sorted,
                    x);
        }
        return step(
                "{0}.to(DType.I64).remainder(%d).reshape(-1).binCount(%d)"
                        .formatted(classes, classes),
                in -> in.getFirst().to(DType.I64).remainder(classes).reshape(-1).binCount(classes),
                x);
    }

    // With other inputs, what was not empty may be.
    private static int rows(Tensor x) {
        return Math.max(1, x.shape().dim(0));
    }

    // A value of one line says how much of another is taken.
    private static Optional<Program.Step> bySize(Draft draft) {
        OptionalInt decides =
                draft.line(type -> type.dtype() != DType.BOOL && type.shape().size() > 0);
        OptionalInt x = notEmpty(draft, 1);
        return switch (draft.below(3)) {
            case 0 ->
                    step(
                            "{1}.at(Index.before(1 + (int) (count({0}) % Math.max(1, {1}.shape().dim(0)))))",
                            in -> {
                                Tensor v = in.get(1);
                                return v.at(Index.before(1 + count(in.get(0)) % rows(v)));
                            },
                            decides,
                            x);
            case 1 ->
                    step(
                            "{1}.at(count({0}) % Math.max(1, {1}.shape().dim(0)))",
                            in -> in.get(1).at(count(in.get(0)) % rows(in.get(1))), decides, x);
            default ->
                    step(
                            "count({0}) % 4 times {1}.add({1}.mul(0.5))",
                            in -> {
                                Tensor v = in.get(1);
                                int times = count(in.get(0)) % 4;
                                for (int i = 0; i < times; i++) {
                                    v = v.add(v.mul(0.5));
                                }
                                return v;
                            },
                            decides,
                            x.isPresent() && draft.type(x.getAsInt()).dtype() == DType.BOOL
                                    ? OptionalInt.empty()
                                    : x);
        };
    }

    // How many elements are positive, as a Java number.
    private static int count(Tensor x) {
        return (int) x.gt(0).to(DType.I64).sum().item();
    }

    private static Optional<Program.Step> arrays(Draft draft) {
        OptionalInt x = notEmpty(draft, 2);
        OptionalInt index =
                draft.line(type -> type.shape().rank() > 0 && type.shape().size() < 100);
        if (x.isEmpty()) {
            return Optional.empty();
        }
        int rows = draft.shape(x.getAsInt()).dim(0);
        int columns = draft.shape(x.getAsInt()).dim(1);
        OptionalInt number =
                draft.type(x.getAsInt()).dtype() == DType.BOOL ? OptionalInt.empty() : x;
        String i = "{1}.to(DType.I64).remainder(" + rows + ")";
        String j = "{1}.to(DType.I64).remainder(" + columns + ")";
        return switch (draft.below(4)) {
            case 0 ->
                    step(
                            "{0}.at(Index.tensor(%s), Index.tensor(%s))".formatted(i, j),
                            in -> in.get(0).at(within(in.get(1), rows), within(in.get(1), columns)),
                            x,
                            index);
            case 1 ->
                    step(
                            "{0}.at(Index.every(-1), Index.tensor(%s))".formatted(j),
                            in -> in.get(0).at(Index.every(-1), within(in.get(1), columns)),
                            x,
                            index);
            case 2 ->
                    step(
                            "{0}.withAdded({0}.at(Index.tensor(%s)), Index.tensor(%s))"
                                    .formatted(i, i),
                            in ->
                                    in.get(0)
                                            .withAdded(
                                                    in.get(0).at(within(in.get(1), rows)),
                                                    within(in.get(1), rows)),
                            number,
                            index);
            default ->
                    step(
                            "{0}.at(Index.ELLIPSIS, Index.at(-1), Index.NEW_AXIS)",
                            in -> in.getFirst().at(Index.ELLIPSIS, Index.at(-1), Index.NEW_AXIS),
                            x);
        };
    }

    private static Index within(Tensor index, int bound) {
        return Index.tensor(index.to(DType.I64).remainder(bound));
    }

    private static Optional<Program.Step> repeated(Draft draft) {
        OptionalInt x = notEmpty(draft, 1);
        if (x.isEmpty()) {
            return Optional.empty();
        }
        int n = draft.shape(x.getAsInt()).dim(0);
        OptionalInt counts = draft.line(type -> type.shape().equals(Shape.of(n)));
        return step(
                "{0}.repeatInterleave({1}.to(DType.I64).remainder(3), 0)",
                in -> in.get(0).repeatInterleave(in.get(1).to(DType.I64).remainder(3), 0),
                x,
                counts);
    }
}
