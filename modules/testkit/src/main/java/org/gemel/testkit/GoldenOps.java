package org.gemel.testkit;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.gemel.Tensor;

/// The operations of golden cases, each written in tensor calls as a user would write it.
final class GoldenOps {
    /// Operations with one result: a line each.
    interface Table {
        void put(String name, Function<Call, Tensor> op);
    }

    /// Operations whose f64 gradients were recorded with a constant that had been rounded to f32:
    /// an exact derivative is a hundred times farther away than the tolerance.
    private static final Map<String, String> ROUNDED =
            Map.of("hardsigmoid", "1/6", "celu", "1/alpha");

    private static final Map<String, Function<Call, List<Tensor>>> ALL = all();

    private GoldenOps() {}

    private static Map<String, Function<Call, List<Tensor>>> all() {
        Map<String, Function<Call, List<Tensor>>> all = new TreeMap<>();
        Table single = (name, op) -> add(all, name, call -> List.of(op.apply(call)));
        GoldenPointwise.fill(single);
        GoldenSpecial.fill(single);
        GoldenActivations.fill(single);
        GoldenReductions.fill(single);
        GoldenShapes.fill(single);
        GoldenStacks.fill(single);
        GoldenFactories.fill(single);
        GoldenIndexing.fill(single);
        GoldenLookups.fill(single);
        GoldenLosses.fill(single);
        GoldenLayers.fill(single);
        GoldenWindows.fill(single);
        GoldenLinalg.fill(single);
        GoldenDecompositions.fill(single);
        GoldenSequences.fill(single);
        GoldenPrograms.fill(single);
        GoldenNetworks.fill(single);
        GoldenShapes.several().forEach((name, op) -> add(all, name, op));
        GoldenFactories.several().forEach((name, op) -> add(all, name, op));
        GoldenStacks.several().forEach((name, op) -> add(all, name, op));
        GoldenReductions.several().forEach((name, op) -> add(all, name, op));
        GoldenIndexing.several().forEach((name, op) -> add(all, name, op));
        GoldenLayers.several().forEach((name, op) -> add(all, name, op));
        GoldenWindows.several().forEach((name, op) -> add(all, name, op));
        GoldenDecompositions.several().forEach((name, op) -> add(all, name, op));
        GoldenLinalg.several().forEach((name, op) -> add(all, name, op));
        GoldenSequences.several().forEach((name, op) -> add(all, name, op));
        return all;
    }

    // No table may hide a line of another.
    private static void add(
            Map<String, Function<Call, List<Tensor>>> all,
            String name,
            Function<Call, List<Tensor>> op) {
        if (all.put(name, op) != null) {
            throw new IllegalStateException("golden: two lines for " + name + "; keep one");
        }
    }

    /// The operation `name`, if it is covered; case and underscores do not count where no other has
    /// the very name.
    static Optional<Function<Call, List<Tensor>>> named(String name) {
        String known = GoldenNames.operation(name);
        return Optional.ofNullable(ALL.get(known))
                .or(() ->
                        ALL.keySet().stream()
                                .filter(key ->
                                        GoldenNames.plain(key).equals(GoldenNames.plain(known)))
                                .findFirst()
                                .map(ALL::get));
    }

    /// Why what `golden` wants is not what the operation means, if so.
    static Optional<String> defect(GoldenCase golden) {
        boolean affected = golden.word("dtype").equals("float64") && !golden.gradients().isEmpty();
        return Optional.ofNullable(affected ? ROUNDED.get(golden.op()) : null)
                .map(factor -> "the recorded f64 gradient holds " + factor + " rounded to f32");
    }
}
