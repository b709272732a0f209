package org.gemel.testkit.programs;

import static org.gemel.testkit.programs.Draft.step;
import static org.gemel.testkit.programs.Draft.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.gemel.Index;
import org.gemel.Shape;
import org.gemel.Tensor;

/// Steps that move elements: views, joins, cuts, paddings.
final class ViewSteps {
    static final List<Maker> ALL =
            List.of(
                    ViewSteps::reshape,
                    ViewSteps::reshape,
                    ViewSteps::permute,
                    ViewSteps::permute,
                    ViewSteps::expand,
                    ViewSteps::expand,
                    ViewSteps::slice,
                    ViewSteps::slice,
                    ViewSteps::flip,
                    ViewSteps::axisMove,
                    ViewSteps::axisMove,
                    ViewSteps::join,
                    ViewSteps::join,
                    ViewSteps::pad,
                    ViewSteps::matrix);

    private ViewSteps() {}

    private static Optional<Program.Step> reshape(Draft draft) {
        OptionalInt x = draft.any(0);
        if (x.isEmpty()) {
            return Optional.empty();
        }
        long rest = draft.shape(x.getAsInt()).size();
        if (draft.once(4)) {
            int axis = draft.below(draft.shape(x.getAsInt()).rank() + 1);
            return step("{0}.unsqueeze(" + axis + ")", in -> in.getFirst().unsqueeze(axis), x);
        }
        List<Integer> dims = new ArrayList<>();
        for (int i = draft.below(3); i > 0 && rest > 0; i--) {
            List<Integer> factors = new ArrayList<>();
            for (int f : new int[] {1, 2, 3, 4, 5, 7, 8, 16, 17, 33}) {
                if (rest % f == 0) {
                    factors.add(f);
                }
            }
            int factor = draft.one(factors);
            dims.add(factor);
            rest /= factor;
        }
        dims.add(draft.below(dims.size() + 1), Math.toIntExact(rest));
        if (dims.size() == 1 && rest == 1 && draft.once(2)) {
            dims.clear();
        }
        int[] all = dims.stream().mapToInt(d -> d).toArray();
        return step("{0}.reshape(" + text(all) + ")", in -> in.getFirst().reshape(all), x);
    }

    private static Optional<Program.Step> permute(Draft draft) {
        OptionalInt x = draft.any(2);
        if (x.isEmpty()) {
            return Optional.empty();
        }
        int[] order = draft.order(draft.shape(x.getAsInt()).rank());
        return step("{0}.permute(" + text(order) + ")", in -> in.getFirst().permute(order), x);
    }

    private static Optional<Program.Step> expand(Draft draft) {
        OptionalInt x =
                draft.line(type ->
                        type.shape().rank() == 0
                                || Arrays.stream(type.shape().dims()).anyMatch(d -> d == 1));
        if (x.isEmpty()) {
            return Optional.empty();
        }
        int[] dims = draft.shape(x.getAsInt()).dims();
        for (int i = 0; i < dims.length; i++) {
            dims[i] = dims[i] == 1 && draft.once(2) ? draft.between(1, 5) : dims[i];
        }
        if (draft.once(3) || dims.length == 0) {
            int[] more = new int[dims.length + 1];
            more[0] = draft.between(1, 4);
            System.arraycopy(dims, 0, more, 1, dims.length);
            dims = more;
        }
        Shape shape = Shape.of(dims);
        return step(
                "{0}.expand(Shape.of(" + text(dims) + "))", in -> in.getFirst().expand(shape), x);
    }

    private static Optional<Program.Step> slice(Draft draft) {
        OptionalInt x = draft.any(1);
        if (x.isEmpty()) {
            return Optional.empty();
        }
        Shape shape = draft.shape(x.getAsInt());
        List<Index> parts = new ArrayList<>();
        List<String> texts = new ArrayList<>();
        for (int axis = 0; axis < shape.rank(); axis++) {
            int n = shape.dim(axis);
            switch (draft.below(6)) {
                case 0 -> {
                    int step = draft.one(List.of(-3, -2, -1, 2, 3));
                    parts.add(Index.every(step));
                    texts.add("Index.every(" + step + ")");
                }
                case 1, 2 -> {
                    int start = draft.between(-n, n);
                    int stop = draft.between(start, n + 1);
                    parts.add(Index.slice(start, stop));
                    texts.add("Index.slice(" + text(start, stop) + ")");
                }
                case 3 -> {
                    int at = n == 0 ? 0 : draft.below(n);
                    parts.add(Index.at(at));
                    texts.add("Index.at(" + at + ")");
                }
                default -> {
                    parts.add(Index.ALL);
                    texts.add("Index.ALL");
                }
            }
        }
        if (draft.once(5)) {
            parts.add(Index.NEW_AXIS);
            texts.add("Index.NEW_AXIS");
        }
        Index[] all = parts.toArray(Index[]::new);
        return step("{0}.at(" + String.join(", ", texts) + ")", in -> in.getFirst().at(all), x);
    }

    private static Optional<Program.Step> flip(Draft draft) {
        OptionalInt x = draft.any(1);
        if (x.isEmpty()) {
            return Optional.empty();
        }
        int[] axes = draft.axes(draft.shape(x.getAsInt()).rank());
        return step("{0}.flip(" + text(axes) + ")", in -> in.getFirst().flip(axes), x);
    }

    private static Optional<Program.Step> axisMove(Draft draft) {
        OptionalInt x = draft.any(1);
        if (x.isEmpty()) {
            return Optional.empty();
        }
        Shape shape = draft.shape(x.getAsInt());
        int axis = draft.below(shape.rank());
        int n = shape.dim(axis);
        int count = draft.between(1, 3);
        return switch (draft.below(7)) {
            case 0 -> {
                int shift = draft.between(-n - 1, n + 1);
                yield step(
                        "{0}.roll(" + text(shift, axis) + ")",
                        in -> in.getFirst().roll(shift, axis),
                        x);
            }
            case 1 ->
                    step(
                            "{0}.repeatInterleave(" + text(count, axis) + ")",
                            in -> in.getFirst().repeatInterleave(count, axis),
                            x);
            case 2 -> {
                int[] counts = new int[shape.rank()];
                Arrays.setAll(counts, _ -> draft.between(1, 2));
                yield step("{0}.tile(" + text(counts) + ")", in -> in.getFirst().tile(counts), x);
            }
            case 3 -> {
                int first = draft.between(0, n);
                int part = draft.below(2);
                yield step(
                        "{0}.split(%s).get(%d)".formatted(text(axis, first, n - first), part),
                        in -> in.getFirst().split(axis, first, n - first).get(part),
                        x);
            }
            case 4 ->
                    step(
                            "{0}.chunk(" + text(axis, count) + ").getLast()",
                            in -> in.getFirst().chunk(axis, count).getLast(),
                            x);
            case 5 -> {
                int size = draft.between(1, Math.max(1, n));
                yield step(
                        "{0}.unfold(" + text(axis, size, count) + ")",
                        in -> in.getFirst().unfold(axis, size, count),
                        x);
            }
            default -> step("{0}.squeeze(" + axis + ")", in -> in.getFirst().squeeze(axis), x);
        };
    }

    private static Optional<Program.Step> join(Draft draft) {
        OptionalInt x = draft.any(1);
        if (x.isEmpty()) {
            return Optional.empty();
        }
        var type = draft.type(x.getAsInt());
        int axis = draft.below(type.shape().rank());
        if (draft.once(3)) {
            OptionalInt y = draft.line(type::equals);
            int place = draft.below(type.shape().rank() + 1);
            return step(
                    "Tensor.stack(List.of({0}, {1}), " + place + ")",
                    in -> Tensor.stack(in, place),
                    x,
                    y);
        }
        OptionalInt y =
                draft.line(other ->
                        other.dtype() == type.dtype()
                                && other.shape().rank() == type.shape().rank()
                                && other.shape()
                                        .reduced(new int[] {axis})
                                        .equals(type.shape().reduced(new int[] {axis})));
        return draft.once(2)
                ? step(
                        "Tensor.concat(List.of({0}, {1}), " + axis + ")",
                        in -> Tensor.concat(in, axis),
                        y,
                        x)
                : step(
                        "Tensor.concat(List.of({0}, {1}, {0}), " + axis + ")",
                        in -> Tensor.concat(List.of(in.get(0), in.get(1), in.get(0)), axis),
                        x,
                        y);
    }

    private static Optional<Program.Step> pad(Draft draft) {
        OptionalInt x = draft.any(1);
        if (x.isEmpty()) {
            return Optional.empty();
        }
        int rank = draft.shape(x.getAsInt()).rank();
        int[] before = new int[rank];
        int[] after = new int[rank];
        boolean cuts = draft.once(4);
        for (int i = 0; i < rank; i++) {
            before[i] = draft.between(cuts ? -1 : 0, 2);
            after[i] = draft.between(cuts ? -1 : 0, 2);
        }
        String sides = "new int[] {%s}, new int[] {%s}".formatted(text(before), text(after));
        return switch (draft.below(4)) {
            case 0 ->
                    step("{0}.pad(" + sides + ", 1)", in -> in.getFirst().pad(before, after, 1), x);
            case 1 ->
                    step(
                            "{0}.padReflect(" + sides + ")",
                            in -> in.getFirst().padReflect(before, after),
                            x);
            case 2 ->
                    step(
                            "{0}.padReplicate(" + sides + ")",
                            in -> in.getFirst().padReplicate(before, after),
                            x);
            default ->
                    step(
                            "{0}.padCircular(" + sides + ")",
                            in -> in.getFirst().padCircular(before, after),
                            x);
        };
    }

    private static Optional<Program.Step> matrix(Draft draft) {
        OptionalInt x = draft.any(2);
        int offset = draft.between(-2, 2);
        return switch (draft.below(4)) {
            case 0 ->
                    step(
                            "{0}.diagonal(" + offset + ", 0, 1)",
                            in -> in.getFirst().diagonal(offset, 0, 1),
                            x);
            case 1 ->
                    step(
                            "{0}.lowerTriangle(" + offset + ")",
                            in -> in.getFirst().lowerTriangle(offset),
                            x);
            case 2 ->
                    step(
                            "{0}.upperTriangle(" + offset + ")",
                            in -> in.getFirst().upperTriangle(offset),
                            x);
            default ->
                    step(
                            "{0}.diagonalMatrix(" + offset + ", 0, 1)",
                            in -> in.getFirst().diagonalMatrix(offset, 0, 1),
                            draft.any(1));
        };
    }
}
