package org.gemel.testkit;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.gemel.GemelException;
import org.gemel.Tensor;

/// Runs golden cases: inputs of an operation or a program, and the results, gradients and products
/// with the Hessian that another implementation gave for them.
///
/// A case is a folder with a `case.json` and its arrays as `.npy` files. What a case asks for and
/// what does not exist yet, be it an operation, an attribute or a dtype, makes it unsupported, with
/// the reason; it is never left out.
public final class Conformance {
    // As NumPy names them, of cases whose tensors it can hold; a bfloat16 has to be cast to.
    private static final List<String> DTYPES =
            List.of("float16", "float32", "float64", "int8", "uint8", "int32", "int64", "bool");

    /// How a case ended.
    public enum Status {
        /// All values within the case's tolerance.
        PASSED,
        /// A wrong value, or an error where none was due.
        FAILED,
        /// It needs something that does not exist yet.
        UNSUPPORTED
    }

    /// One case.
    ///
    /// @param id the path below the folder
    /// @param status how it ended
    /// @param reason one line for a case that did not pass, empty for one that did
    public record Outcome(String id, Status status, String reason) {}

    /// All cases of a folder.
    ///
    /// @param mode how they ran
    /// @param cases in the order of their paths
    public record Result(Modes mode, List<Outcome> cases) {
        /// Copies the list.
        public Result {
            cases = List.copyOf(cases);
        }

        /// How many cases ended like this.
        public long count(Status status) {
            return cases.stream().filter(c -> c.status() == status).count();
        }
    }

    private Conformance() {}

    /// Runs every case below `folder` in `mode`.
    public static Result run(Path folder, Modes mode) {
        Path root = folder.toAbsolutePath();
        List<Outcome> outcomes = new ArrayList<>();
        for (Path place : GoldenCase.find(folder)) {
            String id = root.relativize(place).toString().replace('\\', '/');
            outcomes.add(outcome(id, place, mode));
        }
        return new Result(mode, outcomes);
    }

    private static Outcome outcome(String id, Path place, Modes mode) {
        try {
            GoldenCase golden = GoldenCase.read(id, place);
            List<Tensor> found = results(golden, mode);
            Optional<String> difference = GoldenExpected.of(golden).differences(found);
            Optional<String> defect =
                    difference
                            .filter(text -> text.startsWith("gradient"))
                            .flatMap(_ -> GoldenOps.defect(golden));
            if (defect.isPresent()) {
                return new Outcome(id, Status.UNSUPPORTED, defect.get());
            }
            return difference
                    .map(text -> new Outcome(id, Status.FAILED, text))
                    .orElseGet(() -> new Outcome(id, Status.PASSED, ""));
        } catch (Unsupported missing) {
            return new Outcome(id, Status.UNSUPPORTED, missing.reason());
        } catch (RuntimeException | LinkageError error) {
            String text = String.valueOf(error.getMessage()).lines().findFirst().orElse("");
            String name = error instanceof GemelException ? "" : error.getClass().getName() + ": ";
            return new Outcome(id, Status.FAILED, name + text);
        }
    }

    /// What a case gives in `mode`: its outputs, gradients, and products with the Hessian.
    static List<Tensor> results(Path place, Modes mode) {
        return results(GoldenCase.read(place.toString(), place), mode);
    }

    private static List<Tensor> results(GoldenCase golden, Modes mode) {
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        for (GoldenCase.Array array : golden.inputs()) {
            inputs.put(array.name(), tensor(golden, array));
        }
        if (golden.op().equals("optimizer")) {
            Call call = new Call(inputs, golden);
            List<Tensor> outputs = GoldenOptimizers.run(golden, call, mode);
            understood(call);
            return outputs;
        }
        if (golden.op().equals("lr_schedule")) {
            Call call = new Call(inputs, golden);
            List<Tensor> outputs = GoldenSchedules.run(golden.word("case"), call, mode);
            understood(call);
            return outputs;
        }
        Function<Call, List<Tensor>> op =
                GoldenOps.named(golden.op())
                        .orElseThrow(() -> new Unsupported("no operation " + golden.op()));
        return Derived.of(golden, op, List.copyOf(inputs.keySet()))
                .run(mode, List.copyOf(inputs.values()));
    }

    private static Tensor tensor(GoldenCase golden, GoldenCase.Array array) {
        for (var input : golden.json().path("inputs")) {
            String dtype = input.path("dtype").asText();
            if (!DTYPES.contains(dtype)) {
                throw new Unsupported("dtype " + dtype);
            }
        }
        return Npy.read(array.file()).tensor();
    }

    private static void understood(Call call) {
        if (!call.ignored().isEmpty()) {
            throw new Unsupported("attributes or inputs " + call.ignored());
        }
    }

    /// A case as one function of its inputs, cotangents and vectors, which gives outputs, gradients
    /// and products with the Hessian.
    private record Derived(
            GoldenCase golden,
            Function<Call, List<Tensor>> op,
            List<String> names,
            List<Boolean> wanted,
            List<Optional<Path>> cotangents,
            List<Path> vectors) {

        static Derived of(GoldenCase golden, Function<Call, List<Tensor>> op, List<String> names) {
            List<String> gradients =
                    golden.gradients().stream().map(GoldenCase.Array::name).toList();
            return new Derived(
                    golden,
                    op,
                    names,
                    names.stream().map(gradients::contains).toList(),
                    golden.cotangents(),
                    golden.vectors().stream().map(GoldenCase.Array::file).toList());
        }

        List<Tensor> run(Modes mode, List<Tensor> inputs) {
            List<Tensor> all = new ArrayList<>(inputs);
            for (Optional<Path> cotangent : cotangents) {
                cotangent.ifPresent(file -> all.add(Npy.read(file).tensor()));
            }
            vectors.forEach(file -> all.add(Npy.read(file).tensor()));
            // Once in plain Java first, to see what the operation asks for.
            Call probe = new Call(named(inputs), golden);
            int count = op.apply(probe).size();
            understood(probe);
            if (count != cotangents.size()) {
                throw new GemelException(
                        "conformance: expects %d outputs, but got %d; check the case"
                                .formatted(cotangents.size(), count));
            }
            return mode.run(this::derive, all);
        }

        private Map<String, Tensor> named(List<Tensor> inputs) {
            Map<String, Tensor> map = new LinkedHashMap<>();
            for (int i = 0; i < names.size(); i++) {
                map.put(names.get(i), inputs.get(i));
            }
            return map;
        }

        private List<Tensor> forward(List<Tensor> inputs) {
            return op.apply(new Call(named(inputs), golden));
        }

        private List<Tensor> derive(List<Tensor> all) {
            List<Tensor> inputs = all.subList(0, names.size());
            List<Tensor> results = new ArrayList<>(forward(inputs));
            if (!wanted.contains(true)) {
                return results;
            }
            int next = names.size();
            List<Optional<Tensor>> weights = new ArrayList<>();
            for (Optional<Path> cotangent : cotangents) {
                weights.add(
                        cotangent.isPresent() ? Optional.of(all.get(next++)) : Optional.empty());
            }
            UnaryOperator<List<Tensor>> slopes =
                    in -> Slopes.of(this::forward, in, weights, wanted);
            results.addAll(slopes.apply(inputs));
            if (next < all.size()) {
                List<Optional<Tensor>> directions =
                        all.subList(next, all.size()).stream().map(Optional::of).toList();
                results.addAll(Slopes.of(slopes, inputs, directions, wanted));
            }
            return results;
        }
    }
}
