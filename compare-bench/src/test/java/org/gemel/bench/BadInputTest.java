package org.gemel.bench;

import static org.gemel.Gemel.key;
import static org.gemel.Gemel.tensor;
import static org.gemel.Gemel.zeros;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.gemel.DType;
import org.gemel.Gemel;
import org.gemel.GemelException;
import org.gemel.Parameter;
import org.gemel.Tensor;
import org.gemel.nn.Linear;
import org.gemel.nn.Modules;
import org.gemel.optim.Adam;
import org.gemel.optim.Sgd;
import org.gemel.testkit.Modes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What a user gets wrong: one line that names the rule, the facts and the remedy, whether he runs
/// eagerly or traced.
class BadInputTest {
    private static final Tensor X = zeros(2, 3);
    private static final Tensor NONE = zeros(0, 3);

    /// A program that is wrong, and what it is told.
    record Wrong(String message, Tensor input, UnaryOperator<Tensor> program) {
        @Override
        public String toString() {
            return message;
        }
    }

    static Stream<Wrong> wrongPrograms() {
        return Stream.of(
                new Wrong(
                        "add: shapes [2, 3] and [4, 3] do not broadcast: dimension 0 is 2 against 4;"
                                + " reshape one of them, or give the dimension size 1",
                        X,
                        x -> x.add(zeros(4, 3))),
                new Wrong(
                        "matmul: expects [.., m, k] x [.., k, n], but got [2, 3] x [4, 3]; did you"
                                + " mean b.transpose()?",
                        X,
                        x -> x.matmul(zeros(4, 3))),
                new Wrong(
                        "reshape: expects as many elements as the input has, but got f32[2, 3] (6)"
                                + " to [4, 2] (8); give one dimension as -1 to have it worked out",
                        X,
                        x -> x.reshape(4, 2)),
                new Wrong(
                        "add: expects one dtype, but got f32[2, 3] and i32[3]; convert one, as in"
                                + " b.to(DType.F32)",
                        X,
                        x -> x.add(tensor(new int[] {1, 2, 3}))),
                new Wrong(
                        "exp: expects a floating-point type, but got i64[1]; convert it first, as in"
                                + " x.to(DType.F32)",
                        tensor(new long[] {1}),
                        Tensor::exp),
                new Wrong(
                        "crossEntropy: expects class indices i64[2] or probabilities f32[2, 3], but"
                                + " got logits f32[2, 3] and labels f32[2]; labels are floats; did"
                                + " you mean labels.to(DType.I64)?",
                        X,
                        x -> x.crossEntropy(zeros(2))),
                new Wrong(
                        "max: expects at least one element to choose from, but got f32[0, 3] along"
                                + " [0, 1]; check for an empty tensor before",
                        NONE,
                        x -> x.amax()),
                new Wrong(
                        "argmax: expects numbers to choose from, but got f32[0, 3] along dimension"
                                + " 0; check for an empty tensor, convert bool first",
                        NONE,
                        x -> x.argmax(0)),
                new Wrong(
                        "full: expects a number that i32 can hold, but got NaN; convert the tensor"
                                + " first, as in x.to(DType.F32)",
                        tensor(new int[] {1}),
                        x -> x.add(Double.NaN)),
                new Wrong(
                        "dropout: expects a probability in 0 .. 1, but got NaN; 0.5 is usual",
                        X,
                        x -> key(1).dropout(x, Double.NaN)),
                new Wrong(
                        "crossEntropy: expects indices from 0 to 2, but got 7 at place 1; check the"
                                + " data",
                        X,
                        x -> x.crossEntropy(tensor(new long[] {0, 7}))));
    }

    @ParameterizedTest
    @MethodSource("wrongPrograms")
    void bothModesSayTheSame(Wrong wrong) {
        for (Modes mode : Modes.values()) {
            GemelException error =
                    assertThrows(
                            GemelException.class,
                            () ->
                                    mode.run(
                                                    in ->
                                                            List.of(
                                                                    wrong.program()
                                                                            .apply(in.getFirst())),
                                                    List.of(wrong.input()))
                                            .getFirst()
                                            .toString(),
                            mode + " took it");
            assertEquals(wrong.message(), firstLine(error), mode.toString());
        }
    }

    /// Settings that are wrong, and what is told of them.
    record WrongSetting(String message, Supplier<Object> maker) {
        @Override
        public String toString() {
            return message;
        }
    }

    static Stream<WrongSetting> wrongSettings() {
        List<Parameter> some = List.of(new Parameter("p", X));
        return Stream.of(
                new WrongSetting(
                        "optimizer: expects a learning rate of at least 0, but got NaN; 1e-3 is a"
                                + " usual rate",
                        () -> new Adam(some, Double.NaN)),
                new WrongSetting(
                        "optimizer: expects a learning rate of at least 0, but got Infinity; 1e-3 is"
                                + " a usual rate",
                        () -> new Sgd(some, Double.POSITIVE_INFINITY)),
                new WrongSetting(
                        "optimizer: expects a learning rate of at least 0, but got -0.1; 1e-3 is a"
                                + " usual rate",
                        () -> new Sgd(some, -0.1)),
                new WrongSetting(
                        "optimizer: expects at least one parameter, but got none; does the model"
                                + " keep its layers in fields?",
                        () -> new Adam(List.of(), 1e-3)),
                new WrongSetting(
                        "linear: expects at least one input and one output, but got 0 and 3; check"
                                + " the sizes of the layers",
                        () -> new Linear(0, 3)),
                new WrongSetting(
                        "parameter weight: expects a value before it is read, but has none; call"
                                + " init(model, key(seed)) first",
                        () -> new Linear(3, 3).forward(X)),
                new WrongSetting(
                        "matmul: expects one dtype, but got f64[2, 3] and f32[3, 3]; convert one, as"
                                + " in b.to(DType.F64)",
                        () -> Modules.init(new Linear(3, 3), key(1)).forward(X.to(DType.F64))),
                new WrongSetting(
                        "tensor: expects rows of one length, but row 0 has 2 and row 1 has 1; pad"
                                + " the shorter ones",
                        () -> tensor(new float[][] {{1, 2}, {3}})),
                new WrongSetting(
                        "shape: expects dimensions of at least 0, but got [-1, 2]; use 0 for an"
                                + " empty tensor",
                        () -> zeros(-1, 2)),
                new WrongSetting(
                        "threads: expects 1 to 1024, but got 0; this machine has "
                                + Runtime.getRuntime().availableProcessors()
                                + " processors",
                        () -> {
                            Gemel.threads(0);
                            return X;
                        }));
    }

    @ParameterizedTest
    @MethodSource("wrongSettings")
    void aWrongSettingIsToldAtOnce(WrongSetting wrong) {
        GemelException error = assertThrows(GemelException.class, () -> wrong.maker().get());
        assertEquals(wrong.message(), firstLine(error));
    }

    /// NaN and infinities in data are numbers like any other, in both modes.
    @Test
    void dataMayHoldNaNAndInfinities() {
        Tensor x = tensor(Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, -0f);
        for (Modes mode : Modes.values()) {
            Tensor y = mode.run(in -> List.of(in.getFirst().add(1).relu()), List.of(x)).getFirst();
            assertArrayEquals(
                    new float[] {Float.NaN, Float.POSITIVE_INFINITY, 0, 1}, y.toFloatArray());
        }
    }

    // The second line, if there is one, is the user's.
    private static String firstLine(GemelException error) {
        List<String> lines = error.getMessage().lines().toList();
        assertEquals(
                lines.size() - 1,
                lines.stream().filter(line -> line.startsWith("  at ")).count(),
                error.getMessage());
        return lines.getFirst();
    }
}
