package org.gemel.backend.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.gemel.DType;
import org.gemel.Tensor;
import org.gemel.TensorType;
import org.gemel.ir.Graph;
import org.gemel.ir.Node;
import org.gemel.op.Dense;
import org.gemel.op.Pointwise;
import org.junit.jupiter.api.Test;

/// The length of vectors changes no bit: every kernel runs in virtual machines with vectors of 16,
/// 32 and 64 bytes, whose results are compared. As elements have other neighbours then, and others
/// lie in the tail, neither of these changes a bit.
final class SpeciesTest {
    private static final int[] BYTES = {16, 32, 64};

    // Whole vectors and a tail at each length.
    private static final int[] SIZES = {5, 1_031};

    // One element for each of the 64 lanes of a reduction, twice, without and with a rest.
    private static final int[] ROWS = {128, 131};

    @Test
    void theSameBitsAtEveryLength() throws IOException, InterruptedException {
        Map<String, String> first = lines(BYTES[0]);
        assertFalse(first.isEmpty());
        for (int bytes : List.of(BYTES[1], BYTES[2])) {
            Map<String, String> other = lines(bytes);
            assertEquals(first.keySet(), other.keySet());
            List<String> differing =
                    first.keySet().stream()
                            .filter(kernel -> !first.get(kernel).equals(other.get(kernel)))
                            .toList();
            assertEquals(List.of(), differing, BYTES[0] + " against " + bytes + " bytes");
        }
    }

    private static Map<String, String> lines(int bytes) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--add-modules",
                                "jdk.incubator.vector",
                                "--enable-native-access=ALL-UNNAMED",
                                "-XX:MaxVectorSize=" + bytes,
                                "-cp",
                                System.getProperty("java.class.path"),
                                Kernels.class.getName())
                        .redirectErrorStream(true)
                        .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        Map<String, String> lines = new LinkedHashMap<>();
        output.lines()
                .filter(line -> line.startsWith(Kernels.MARK))
                .map(line -> line.split(Kernels.MARK))
                .forEach(parts -> lines.put(parts[1], parts[2]));
        return lines;
    }

    /// Prints a line for every kernel: its name and a hash of the bits of its results.
    static final class Kernels {
        static final String MARK = "\t";

        private Kernels() {}

        /// Runs all kernels.
        public static void main(String[] arguments) {
            VectorBackend backend = new VectorBackend();
            backend.threads(1);
            PointwiseTest.cases().forEach(each -> pointwise(backend, each));
            fused(backend).forEach(Kernels::print);
            backend.workers().close();
        }

        private static void print(String kernel, List<Dense> results) {
            long hash = 0;
            for (Dense result : results) {
                boolean real = result.type().dtype().isFloating();
                for (int i = 0; i < result.size(); i++) {
                    // one NaN is as good as another
                    long bits = real ? Double.doubleToLongBits(result.real(i)) : result.integer(i);
                    hash = hash * 1_000_003 + bits;
                }
            }
            System.out.println(MARK + kernel + MARK + Long.toHexString(hash));
        }

        private static void pointwise(VectorBackend backend, PointwiseTest.Case each) {
            List<Dense> results = new ArrayList<>();
            for (int size : SIZES) {
                List<Dense> inputs = new ArrayList<>();
                for (DType dtype : each.dtypes()) {
                    TensorType type = TensorType.of(dtype, size);
                    inputs.add(PointwiseTest.samples(type, 5L * inputs.size() + size));
                }
                results.add(run(backend, each.op(), inputs));
            }
            print(each.op() + " " + each.dtypes(), results);
        }

        private static Dense run(VectorBackend backend, Pointwise op, List<Dense> inputs) {
            List<Node.Input> nodes =
                    inputs.stream().map(in -> new Node.Input("x", in.type())).toList();
            Node node = Node.Apply.of(op, List.copyOf(nodes), Optional.empty());
            try (Programs programs = new Programs(backend, true)) {
                return programs.run(new Graph(nodes, List.of(node)), inputs).getFirst();
            }
        }

        private static Map<String, List<Dense>> fused(VectorBackend backend) {
            Map<String, UnaryOperator<List<Tensor>>> bodies =
                    Map.of(
                            "fused", in -> List.of(in.get(0).mul(2).tanh().add(1).log().sin()),
                            "softmax",
                                    in ->
                                            List.of(
                                                    in.get(0)
                                                            .sub(in.get(0).amax(1).unsqueeze(1))
                                                            .exp()),
                            "normalised", in -> List.of(normalised(in.get(0))),
                            "sum", in -> List.of(in.get(0).exp().sum(1), in.get(0).sum(0)),
                            "matmul", in -> List.of(in.get(0).matmul(in.get(0).transpose())));
            Map<String, List<Dense>> results = new LinkedHashMap<>();
            for (DType dtype : List.of(DType.F32, DType.F64, DType.F16, DType.BF16)) {
                for (int row : ROWS) {
                    TensorType type = TensorType.of(dtype, 29, row);
                    Dense x = Dense.of(type, i -> Math.sin(i * 0.7) * 3);
                    bodies.forEach((name, body) -> {
                        try (Programs programs = new Programs(backend, true)) {
                            results.put(name + " " + type, programs.run(List.of(x), body));
                        }
                    });
                }
            }
            return results;
        }

        // Several reductions in one pass, and numbers of a row that are divided and whose root is
        // taken.
        private static Tensor normalised(Tensor x) {
            Tensor size = x.amax(1).sub(x.amin(1)).unsqueeze(1);
            Tensor mean = x.sum(1).div(x.shape().dim(1)).unsqueeze(1);
            Tensor away = x.sub(mean).div(size);
            return away.div(away.square().sum(1).unsqueeze(1).sqrt());
        }
    }
}
