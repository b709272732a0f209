package org.gemel.bench.guide;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.gemel.DType;
import org.gemel.TensorType;
import org.gemel.TypeException;
import org.gemel.op.Binary;
import org.gemel.op.Compare;
import org.gemel.op.Logical;
import org.gemel.op.Pointwise;
import org.gemel.op.Select;
import org.gemel.op.Unary;
import org.gemel.testkit.Golden;
import org.junit.jupiter.api.Test;

/// The page on dtypes is what the type rules of the operations say.
final class DTypesPageTest {
    private static final String BEGIN =
            """
            # Which dtypes an operation takes, and gives

            This page is written by `DTypesPageTest` from the type rules of the operations.

            ## Promotion

            There is none: two tensors of different dtypes are an error that names both and the cast, as in `b.to(DType.F32)`. A Java number takes the
            dtype of the tensor it meets: `x.add(1.5)` is f32 where `x` is, and adds 1 where `x` is i64 (numbers are cut off as by a Java cast). `to` of the
            dtype a tensor has is the tensor itself. What `a.add(b)` gives:

            """;

    private static final String OPS =
            """

            ## Point-wise operations

            What the inputs may be (all of one dtype, but for the condition of `where`, which is bool), and what comes out:

            """;

    private static final String CASTS =
            """

            ## Casts

            - f32 to f64, and integers to wider ones: exact. f64 to f32, and integers to f32 or f64: rounded to the nearest, ties to even.
            - To f16 and bf16: what f32 would be, rounded to the nearest, ties to even; beyond the range infinity. From them: exact to f32 and f64.
            - Reals to integers: toward zero; beyond the range the nearest integer of the type; NaN is 0.
            - i64 to i32: the low 32 bits. To i8 and u8: what i32 would be, of which the low 8 bits: 300.0 is 44, and -1 as u8 is 255.
            - Numbers to bool: whether not zero; NaN is true. Bool to numbers: 0 or 1.
            - Derivatives pass between the floating-point types. Everything else is constant to them.

            ## Narrow types

            f16, bf16, i8 and u8 are for memory. What is computed of them is computed in the wide type, f32 for f16 and bf16, i32 for i8 and u8, and
            brought to the narrow type by one rule, in both modes, whatever is fused with what:

            - A point-wise operation computes in the wide type and rounds its result once to the narrow one. So does each operation of a chain,
              also where the result never reaches memory: a chain has the bits that its operations have one by one.
            - A reduction (also running), matrix product, convolution, pooling, scatter-add, decomposition, and on f16 and bf16 every composite (`softmax`,
              `layerNorm`, `mean`, losses ...) casts its inputs to the wide type, which is exact, computes there as it does on f32 or i32 (the same
              order of additions), and rounds the result once. A sum of f16 is a sum in f32.
            - Movement, indexing, sorting and comparison see the elements as they are.
            - Where NaN is computed, the result is one and the same NaN.

            What needs more than the range of the narrow type for its result says so by infinity (f16 and bf16) or wraps around (i8 and u8): convert
            first, as in `x.to(DType.I32).sum()`. `Gemel.tensor(byte[])` makes i8, `Gemel.unsigned(byte[])` u8, `Gemel.fromBits` f16 and bf16 from
            their bits, `Gemel.tensor(1f, 2f).to(DType.F16)` from numbers. Random numbers and the parameters of layers are made in f32.
            """;

    @Test
    void thePageIsUpToDate() {
        String text =
                BEGIN
                        + table(
                                "a \\ b",
                                Arrays.stream(DType.values())
                                        .collect(
                                                Collectors.toMap(
                                                        DType::toString,
                                                        DTypesPageTest::sums,
                                                        (a, b) -> a,
                                                        LinkedHashMap::new)))
                        + OPS
                        + table("operation", operations())
                        + CASTS;
        Golden.check(Guide.root().resolve("docs/guide/dtypes.md"), text);
    }

    private static List<String> sums(DType left) {
        return Arrays.stream(DType.values())
                .map(right -> result(Binary.ADD, List.of(left, right)))
                .toList();
    }

    private static String result(Pointwise op, List<DType> inputs) {
        try {
            return op.type(inputs.stream().map(dtype -> TensorType.of(dtype, 2)).toList())
                    .dtype()
                    .toString();
        } catch (TypeException refused) {
            return "error";
        }
    }

    // Operations with the same rule share a line.
    private static Map<String, List<String>> operations() {
        List<Pointwise> all = new ArrayList<>(List.of(Unary.values()));
        all.addAll(List.of(Binary.values()));
        all.addAll(List.of(Compare.values()));
        all.addAll(List.of(Logical.values()));
        all.addAll(List.of(Select.values()));
        Map<List<String>, List<String>> names = new LinkedHashMap<>();
        for (Pointwise op : all) {
            List<String> rule =
                    Arrays.stream(DType.values())
                            .map(dtype -> result(op, inputs(op, dtype)))
                            .toList();
            names.computeIfAbsent(rule, _ -> new ArrayList<>()).add("`" + op.label() + "`");
        }
        Map<String, List<String>> lines = new LinkedHashMap<>();
        names.forEach((rule, labels) -> lines.put(String.join(" ", labels), rule));
        return lines;
    }

    private static List<DType> inputs(Pointwise op, DType dtype) {
        return op instanceof Select
                ? List.of(DType.BOOL, dtype, dtype)
                : Collections.nCopies(op.arity(), dtype);
    }

    private static String table(String corner, Map<String, List<String>> rows) {
        List<DType> dtypes = List.of(DType.values());
        StringBuilder text = new StringBuilder(line(corner, dtypes));
        text.append(line("---", Collections.nCopies(dtypes.size(), "---")));
        rows.forEach((name, cells) -> text.append(line(name, cells)));
        return text.toString();
    }

    private static String line(String first, List<?> cells) {
        return cells.stream()
                .map(Object::toString)
                .collect(Collectors.joining(" | ", "| " + first + " | ", " |\n"));
    }
}
