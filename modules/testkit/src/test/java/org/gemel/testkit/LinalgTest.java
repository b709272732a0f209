package org.gemel.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.gemel.DType;
import org.gemel.Gemel;
import org.gemel.GemelException;
import org.gemel.Linalg;
import org.gemel.Shape;
import org.gemel.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class LinalgTest {
    // Numbers without symmetry.
    private static Tensor numbers(double phase, int... dims) {
        double[] all = new double[Math.toIntExact(Shape.of(dims).size())];
        Arrays.setAll(all, i -> Math.sin(phase + 1.7 * i) + 0.1 * i);
        return Gemel.tensor(all, dims);
    }

    private static Tensor positive(Tensor x) {
        Tensor ones = Linalg.band(x.onesLike(), 0, 0);
        return x.matmul(x.transpose()).add(ones.mul(3));
    }

    /// A function and where it is checked.
    record Case(String name, UnaryOperator<List<Tensor>> f, List<Tensor> at) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Case of(String name, UnaryOperator<Tensor> f, Tensor at) {
        return new Case(name, in -> List.of(f.apply(in.getFirst())), List.of(at));
    }

    private static Case einsum(String equation, Tensor... at) {
        return new Case(
                equation,
                in -> List.of(Linalg.einsum(equation, in.toArray(Tensor[]::new))),
                List.of(at));
    }

    static Stream<Case> cases() {
        Tensor square = numbers(0.3, 2, 3, 3);
        return Stream.of(
                of("cholesky", x -> Linalg.cholesky(positive(x)), square),
                of("inverse", Linalg::inverse, square),
                of("det", Linalg::det, square),
                of("slogdet", x -> Linalg.slogdet(x).logAbs(), square),
                of("logdet", x -> Linalg.logdet(positive(x)), square),
                of("power", x -> Linalg.matrixPower(x, 3), numbers(1, 2, 2)),
                of("trace", Tensor::trace, numbers(1, 2, 3)),
                of("norm 2", x -> x.norm(2, 1), numbers(1, 2, 3)),
                of("norm 3", x -> x.norm(3), numbers(1, 2, 3)),
                new Case(
                        "solve",
                        in -> List.of(Linalg.solve(in.get(0), in.get(1))),
                        List.of(square, numbers(2, 3, 2))),
                new Case(
                        "solve vectors",
                        in -> List.of(Linalg.solve(in.get(0), in.get(1))),
                        List.of(square, numbers(2, 2, 3))),
                new Case(
                        "lower",
                        in -> List.of(Linalg.solveTriangular(in.get(0), in.get(1), true, false)),
                        List.of(positive(square), numbers(2, 2, 3, 2))),
                new Case(
                        "unit upper",
                        in -> List.of(Linalg.solveTriangular(in.get(0), in.get(1), false, true)),
                        List.of(numbers(0.3, 3, 3), numbers(2, 3, 2))),
                new Case(
                        "bilinear",
                        in -> List.of(Linalg.bilinear(in.get(0), in.get(1), in.get(2))),
                        List.of(numbers(1, 2, 3), numbers(2, 2, 2), numbers(3, 4, 3, 2))),
                new Case(
                        "kron",
                        in -> List.of(Linalg.kron(in.get(0), in.get(1))),
                        List.of(numbers(1, 2, 3), numbers(2, 3, 1))),
                new Case(
                        "cross",
                        in -> List.of(Linalg.cross(in.get(0), in.get(1), -1)),
                        List.of(numbers(1, 2, 3), numbers(2, 1, 3))),
                new Case(
                        "distances",
                        in -> List.of(Linalg.distances(in.get(0), in.get(1), 2)),
                        List.of(numbers(1, 2, 2, 3), numbers(2, 3, 3))),
                einsum("ii->i", numbers(1, 3, 3)),
                einsum("ij,jk,kl->il", numbers(1, 2, 3), numbers(2, 3, 2), numbers(3, 2, 2)),
                einsum("bij,bij->b", numbers(1, 2, 2, 3), numbers(2, 2, 2, 3)),
                einsum("...ij,...j->...i", numbers(1, 2, 2, 3), numbers(2, 3)));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void derivativesAgreeWithDifferences(Case c) {
        for (Modes mode : Modes.values()) {
            new GradCheck(mode, 1e-5, 1e-5).check(c.f(), c.at());
        }
    }

    @Test
    void productsAndDistancesAreTheUsualOnes() {
        Tensor a = Gemel.tensor(new double[] {1, 2, 3}, 1, 3);
        Tensor b = Gemel.tensor(new double[] {4, 5, 7}, 1, 3);
        assertArrayEquals(new double[] {-1, 5, -3}, Linalg.cross(a, b, 1).toDoubleArray());
        assertArrayEquals(
                new double[] {4, 5, 7, 8, 10, 14, 12, 15, 21}, Linalg.kron(a, b).toDoubleArray());
        assertArrayEquals(new double[] {10}, Linalg.distances(a, b, 1).toDoubleArray());
        assertArrayEquals(
                new double[] {4}, Linalg.distances(a, b, Double.POSITIVE_INFINITY).toDoubleArray());
        Tensor vector = a.squeeze(0);
        assertThrows(GemelException.class, () -> Linalg.kron(a, vector));
        assertThrows(GemelException.class, () -> Linalg.cross(a, b, 0));
        assertThrows(GemelException.class, () -> Linalg.distances(a, vector, 2));
    }

    @ParameterizedTest
    @EnumSource
    void allOfThemInvertEachOther(Modes mode) {
        for (int n : new int[] {1, 3, 17}) {
            Tensor eye = Linalg.band(Tensor.full(numbers(0, n, n).type(), 1), 0, 0);
            Tensor a = numbers(0.2, 2, n, n).add(eye.mul(n));
            Tensor b = numbers(0.9, 2, n, 3);
            List<Tensor> found =
                    mode.run(
                            in -> {
                                Tensor s = positive(in.get(0));
                                Tensor l = Linalg.cholesky(s);
                                Tensor y = Linalg.solveTriangular(l, in.get(1), true, false);
                                Tensor z = Linalg.solveTriangular(l.transpose(), y, false, false);
                                return List.of(
                                        in.get(0).matmul(Linalg.solve(in.get(0), in.get(1))),
                                        l.matmul(l.transpose()).sub(s),
                                        s.matmul(z),
                                        in.get(0).matmul(Linalg.inverse(in.get(0))).sub(eye),
                                        Linalg.det(s)
                                                .sub(Linalg.logdet(s).exp())
                                                .div(Linalg.det(s)));
                            },
                            List.of(a, b));
            double[] wanted = b.toDoubleArray();
            assertArrayEquals(wanted, found.get(0).toDoubleArray(), 1e-9);
            assertArrayEquals(wanted, found.get(2).toDoubleArray(), 1e-9);
            for (int i : new int[] {1, 3, 4}) {
                for (double rest : found.get(i).toDoubleArray()) {
                    assertEquals(0, rest, 1e-9);
                }
            }
        }
    }

    // By the definition: every choice of indices, one after the other.
    private static double[] summed(String equation, List<Tensor> operands, int n) {
        String[] sides = equation.split("->");
        String[] terms = sides[0].split(",");
        String letters =
                equation.chars()
                        .filter(Character::isLetter)
                        .distinct()
                        .collect(StringBuilder::new, StringBuilder::appendCodePoint, (a, b) -> {})
                        .toString();
        String out = sides.length > 1 ? sides[1] : "";
        double[] result = new double[(int) Math.pow(n, out.length())];
        int choices = (int) Math.pow(n, letters.length());
        for (int choice = 0; choice < choices; choice++) {
            int[] at = new int[letters.length()];
            int rest = choice;
            for (int i = 0; i < at.length; i++) {
                at[i] = rest % n;
                rest /= n;
            }
            double product = 1;
            for (int t = 0; t < terms.length; t++) {
                product *= operands.get(t).toDoubleArray()[place(terms[t], letters, at, n)];
            }
            result[place(out, letters, at, n)] += product;
        }
        return result;
    }

    private static int place(String term, String letters, int[] at, int n) {
        int place = 0;
        for (char c : term.toCharArray()) {
            place = place * n + at[letters.indexOf(c)];
        }
        return place;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ij->ji",
                "ij->",
                "ij->j",
                "ii",
                "ii->i",
                "iij->j",
                "iji->ij",
                "i,j->ij",
                "i,i->",
                "ij,jk->ik",
                "ij,ij->",
                "ij,kj->ikj",
                "bij,bjk->bik",
                "ij,jk,kl->il",
                "ij,kl,mn->jln",
                "ijk,jl,km->ilm",
                "ab,bc,cd,de,ea->",
                "ijj,jk->ik",
                "i,i,i->i",
                "abc,bcd,cde->ae",
                "ij,j,j,jk->ik",
                "ab,ab,ba->ab"
            })
    void einsumIsItsDefinition(String equation) {
        int n = 3;
        String[] terms = equation.split("->")[0].split(",");
        List<Tensor> operands =
                Stream.iterate(0, i -> i + 1)
                        .limit(terms.length)
                        .map(i -> {
                            int[] dims = new int[terms[i].length()];
                            Arrays.fill(dims, n);
                            return numbers(i, dims);
                        })
                        .toList();
        for (Modes mode : Modes.values()) {
            Tensor found =
                    mode.run(
                                    in ->
                                            List.of(
                                                    Linalg.einsum(
                                                            equation, in.toArray(Tensor[]::new))),
                                    operands)
                            .getFirst();
            assertArrayEquals(summed(equation, operands, n), found.toDoubleArray(), 1e-9);
        }
    }

    @Test
    void inversesOfAsManyMatricesAsTheyHaveRows() {
        // the identity is no vector for each of them
        Tensor a = Gemel.tensor(new double[] {2, 1, 0, 4, 1, 3, 5, 2}, 2, 2, 2);
        Tensor one = Gemel.tensor(new double[] {1, 0, 0, 1, 1, 0, 0, 1}, 2, 2, 2);
        assertArrayEquals(one.toDoubleArray(), a.matmul(Linalg.inverse(a)).toDoubleArray(), 1e-12);
    }

    @Test
    void einsumWithoutAnArrowSortsItsIndices() {
        Tensor x = numbers(1, 2, 3);
        assertEquals(Shape.of(2, 3), Linalg.einsum("ij", x).shape());
        assertEquals(Shape.of(3, 2), Linalg.einsum("ba", x).shape());
        assertEquals(Shape.of(2, 4), Linalg.einsum("...j,jk", x, numbers(2, 3, 4)).shape());
        assertEquals(
                Shape.of(5, 2, 4),
                Linalg.einsum("...ij,...jk->...ik", numbers(1, 5, 2, 3), numbers(2, 1, 3, 4))
                        .shape());
    }

    @Test
    void theContractionOrderSavesWork() {
        // From the left this would make a matrix of 10^8 elements.
        Tensor column = Gemel.ones(10_000, 1);
        Tensor row = Gemel.ones(1, 10_000);
        Tensor end = Gemel.ones(10_000, 1);
        Tensor found = Linalg.einsum("ij,jk,kl->il", column, row, end);
        assertEquals(10_000, found.slice(0, 0, 1, 1).item());
    }

    @Test
    void normsAreWhatTheySay() {
        Tensor x = Gemel.tensor(new double[] {3, 0, -4}, 3);
        assertEquals(5, x.norm(2).item());
        assertEquals(7, x.norm(1).item());
        assertEquals(2, x.norm(0).item());
        assertEquals(4, x.norm(Double.POSITIVE_INFINITY).item());
        assertEquals(0, x.norm(Double.NEGATIVE_INFINITY).item());
        Tensor zero = x.zerosLike().withGrad();
        zero.norm(2).backward();
        assertArrayEquals(new double[3], zero.grad().toDoubleArray());
    }

    static Stream<Object[]> errors() {
        Tensor flat = numbers(1, 3);
        Tensor wide = numbers(1, 2, 3);
        Tensor zeros = Gemel.zeros(2, 2, 2);
        return Stream.of(
                new Object[] {
                    "cholesky: expects square matrices [.., n, n] of a floating-point type, but got f64[2, 3];"
                            + " matrices lie in the last two dimensions",
                    (Runnable) () -> Linalg.cholesky(wide)
                },
                new Object[] {
                    "cholesky: expects positive definite matrices, but number 0 is not: minor 1 is"
                            + " not positive; add a multiple of the identity",
                    (Runnable) () -> Linalg.cholesky(zeros)
                },
                new Object[] {
                    "solve: expects matrices that have an inverse, but number 0 is singular; add a"
                            + " multiple of the identity, or solve a least-squares problem",
                    (Runnable) () -> Linalg.solve(zeros, zeros)
                },
                new Object[] {
                    "solve: expects right-hand sides [.., n, k] for matrices [.., n, n], but got"
                            + " f64[2, 2] and f64[3, 1]; make a vector a column, as in"
                            + " b.unsqueeze(-1)",
                    (Runnable) () -> Linalg.solve(numbers(1, 2, 2), numbers(1, 3, 1))
                },
                new Object[] {
                    "det: expects square matrices [.., n, n] of a floating-point type, but got i64[2, 2];"
                            + " convert it, as in x.to(DType.F64)",
                    (Runnable) () -> Linalg.det(numbers(1, 2, 2).to(DType.I64))
                },
                new Object[] {
                    "trace: expects matrices in the last two dimensions, but got f64[3]; reshape it"
                            + " first",
                    (Runnable) () -> flat.trace()
                },
                new Object[] {
                    "outer: expects two vectors, but got f64[2, 3] and f64[3]; flatten them, as in"
                            + " x.reshape(-1)",
                    (Runnable) () -> Linalg.outer(wide, flat)
                },
                new Object[] {
                    "einsum: expects an operand for each of the 2 terms, but in \"ij,jk\" there are"
                            + " 1; separate terms by commas",
                    (Runnable) () -> Linalg.einsum("ij,jk", wide)
                },
                new Object[] {
                    "einsum: expects a letter for each dimension, or one ... for the others, but in"
                            + " \"ijk\" term 'ijk' is for 2 dimensions; name each dimension",
                    (Runnable) () -> Linalg.einsum("ijk", wide)
                },
                new Object[] {
                    "einsum: expects letters of the operands in the result, each once, but in"
                            + " \"ij->k\" the result is 'k'; sum over the others",
                    (Runnable) () -> Linalg.einsum("ij->k", wide)
                },
                new Object[] {
                    "einsum: expects one size for each index, but in \"ij,ij\" index i is 2 and 3;"
                            + " check the shapes [2, 3], [3, 2]",
                    (Runnable) () -> Linalg.einsum("ij,ij", wide, numbers(1, 3, 2))
                });
    }

    @ParameterizedTest
    @MethodSource("errors")
    void whatDoesNotFitIsRefused(String message, Runnable program) {
        String found = assertThrows(GemelException.class, program::run).getMessage();
        assertEquals(message, found.lines().findFirst().orElse("").replaceAll("  at .*", ""));
    }

    @Test
    void aSingularMatrixIsFoundWhenTheTracedFunctionRuns() {
        UnaryOperator<List<Tensor>> f =
                Modes.TRACED.of(in -> List.of(Linalg.inverse(in.getFirst())));
        assertEquals(0.5, f.apply(List.of(Gemel.full(2, 1, 1))).getFirst().item());
        assertThrows(GemelException.class, () -> f.apply(List.of(Gemel.zeros(1, 1))));
    }

    @Test
    void aVanishingDeterminantIsZero() {
        Tensor zeros = Gemel.zeros(2, 2);
        assertEquals(0, Linalg.det(zeros).item());
        assertEquals(0, Linalg.slogdet(zeros).sign().item());
        assertEquals(Double.NEGATIVE_INFINITY, Linalg.slogdet(zeros).logAbs().item());
    }
}
