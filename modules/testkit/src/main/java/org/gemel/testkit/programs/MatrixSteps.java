package org.gemel.testkit.programs;

import static org.gemel.testkit.programs.Draft.step;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.gemel.DType;
import org.gemel.Linalg;
import org.gemel.Shape;
import org.gemel.Tensor;

/// Steps of linear algebra.
final class MatrixSteps {
    static final List<Maker> ALL =
            List.of(
                    MatrixSteps::product,
                    MatrixSteps::product,
                    MatrixSteps::product,
                    MatrixSteps::squared,
                    MatrixSteps::linear,
                    MatrixSteps::einsum,
                    MatrixSteps::solved,
                    MatrixSteps::other);

    private MatrixSteps() {}

    private static int last(Shape shape) {
        return shape.dim(shape.rank() - 1);
    }

    private static Optional<Program.Step> product(Draft draft) {
        OptionalInt a = draft.real(1);
        if (a.isEmpty()) {
            return Optional.empty();
        }
        DType dtype = draft.type(a.getAsInt()).dtype();
        int k = last(draft.shape(a.getAsInt()));
        OptionalInt straight =
                draft.line(type ->
                        type.dtype() == dtype
                                && type.shape().rank() > 0
                                && type.shape().dim(Math.max(0, type.shape().rank() - 2)) == k);
        if (straight.isPresent() && draft.once(2)) {
            return step("{0}.matmul({1})", in -> in.get(0).matmul(in.get(1)), a, straight);
        }
        OptionalInt turned =
                draft.line(type ->
                        type.dtype() == dtype
                                && type.shape().rank() > 1
                                && last(type.shape()) == k);
        if (turned.isPresent() && draft.once(2)) {
            return step(
                    "{0}.matmul({1}.transpose())",
                    in -> in.get(0).matmul(in.get(1).transpose()), a, turned);
        }
        OptionalInt fresh = draft.input(dtype, k, draft.one(List.of(1, 2, 5, 16, 33)));
        return step("{0}.matmul({1})", in -> in.get(0).matmul(in.get(1)), a, fresh);
    }

    private static Optional<Program.Step> squared(Draft draft) {
        OptionalInt a = draft.real(2);
        return switch (draft.below(3)) {
            case 0 ->
                    step(
                            "{0}.matmul({0}.transpose())",
                            in -> in.getFirst().matmul(in.getFirst().transpose()), a);
            case 1 ->
                    step(
                            "{0}.transpose().matmul({0})",
                            in -> in.getFirst().transpose().matmul(in.getFirst()), a);
            default ->
                    step(
                            "{0}.matmul({0}.transpose()).mul(0.1).softmax(-1).matmul({0})",
                            in -> {
                                Tensor x = in.getFirst();
                                return x.matmul(x.transpose()).mul(0.1).softmax(-1).matmul(x);
                            },
                            a);
        };
    }

    private static Optional<Program.Step> linear(Draft draft) {
        OptionalInt x = draft.real(1);
        if (x.isEmpty()) {
            return Optional.empty();
        }
        DType dtype = draft.type(x.getAsInt()).dtype();
        int outputs = draft.one(List.of(1, 3, 8, 17));
        OptionalInt weight = draft.input(dtype, outputs, last(draft.shape(x.getAsInt())));
        OptionalInt bias = draft.input(dtype, outputs);
        return draft.once(2)
                ? step(
                        "{0}.linear({1}, {2})",
                        in -> in.get(0).linear(in.get(1), in.get(2)), x, weight, bias)
                : step(
                        "{0}.linear({1}, {2}).relu()",
                        in -> in.get(0).linear(in.get(1), in.get(2)).relu(), x, weight, bias);
    }

    private static Optional<Program.Step> einsum(Draft draft) {
        OptionalInt a = draft.line(type -> type.dtype().isFloating() && type.shape().rank() == 2);
        if (a.isEmpty()) {
            return Optional.empty();
        }
        OptionalInt b = draft.line(draft.type(a.getAsInt())::equals);
        String equation = draft.one(List.of("ij,kj->ik", "ij,ij->j", "ij,ik->kj", "ij,ij->"));
        return step(
                "Linalg.einsum(\"" + equation + "\", {0}, {1})",
                in -> Linalg.einsum(equation, in.get(0), in.get(1)),
                a,
                b);
    }

    private static Optional<Program.Step> other(Draft draft) {
        OptionalInt x =
                draft.line(type ->
                        type.dtype().isFloating()
                                && type.shape().rank() >= 2
                                && type.shape().size() > 0
                                && last(type.shape()) <= 8);
        return switch (draft.below(6)) {
            case 0 ->
                    step("Linalg.det(definite({0}))", in -> Linalg.det(definite(in.getFirst())), x);
            case 1 ->
                    step(
                            "Linalg.slogdet(definite({0})).logAbs()",
                            in -> Linalg.slogdet(definite(in.getFirst())).logAbs(), x);
            case 2 ->
                    step(
                            "Linalg.matrixPower(definite({0}), 3)",
                            in -> Linalg.matrixPower(definite(in.getFirst()), 3), x);
            case 3 ->
                    step(
                            "Linalg.outer({0}.reshape(-1), {0}.reshape(-1))",
                            in ->
                                    Linalg.outer(
                                            in.getFirst().reshape(-1), in.getFirst().reshape(-1)),
                            x);
            case 4 -> step("Linalg.band({0}, 1, 0)", in -> Linalg.band(in.getFirst(), 1, 0), x);
            default ->
                    step(
                            "Linalg.solveTriangular(definite({0}), {0}.transpose(), true, false)",
                            in ->
                                    Linalg.solveTriangular(
                                            definite(in.getFirst()),
                                            in.getFirst().transpose(),
                                            true,
                                            false),
                            x);
        };
    }

    // A symmetric matrix far from singular.
    private static Tensor definite(Tensor x) {
        int n = last(x.shape());
        Tensor square = x.sigmoid().transpose().matmul(x.sigmoid());
        return square.add(
                Tensor.full(square.type(), n + 1)
                        .diagonal(0, -2, -1)
                        .diagonalMatrix(0, square.shape().rank() - 2, square.shape().rank() - 1));
    }

    private static Optional<Program.Step> solved(Draft draft) {
        OptionalInt x =
                draft.line(type ->
                        type.dtype().isFloating()
                                && type.shape().rank() >= 2
                                && type.shape().size() > 0
                                && last(type.shape()) <= 8);
        return switch (draft.below(4)) {
            case 0 ->
                    step(
                            "Linalg.cholesky(definite({0}))",
                            in -> Linalg.cholesky(definite(in.getFirst())), x);
            case 1 ->
                    step(
                            "Linalg.inverse(definite({0}))",
                            in -> Linalg.inverse(definite(in.getFirst())), x);
            case 2 ->
                    step(
                            "Linalg.logdet(definite({0}))",
                            in -> Linalg.logdet(definite(in.getFirst())), x);
            default ->
                    step(
                            "Linalg.solve(definite({0}), {0}.transpose())",
                            in -> Linalg.solve(definite(in.getFirst()), in.getFirst().transpose()),
                            x);
        };
    }
}
