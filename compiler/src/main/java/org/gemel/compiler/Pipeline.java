package org.gemel.compiler;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.gemel.GemelException;
import org.gemel.TensorType;
import org.gemel.backend.Backend;
import org.gemel.ir.Graph;
import org.gemel.ir.Node;
import org.gemel.ir.Printer;
import org.gemel.ir.Verifier;

/// The passes a graph goes through, in order, and what happens to the kernels it is then cut into.
///
/// Dead code needs no pass: a [Graph] is what its outputs depend on.
///
/// @param passes each verified after it ran
/// @param fuse whether operations with the same loops become one kernel
/// @param schedule whether kernels that do not depend on each other may run side by side
public record Pipeline(List<Pass> passes, boolean fuse, boolean schedule) {
    /// Copies the list.
    public Pipeline {
        passes = List.copyOf(passes);
    }

    /// All exact passes, and fusion.
    public static Pipeline standard() {
        Pass simplify = new Simplify("simplify", Exactness.EXACT, Rules.EXACT_RULES);
        return new Pipeline(
                List.of(
                        new MergeDuplicates(),
                        simplify,
                        new FoldConstants(Backend.current()),
                        simplify,
                        new MergeDuplicates()),
                true,
                true);
    }

    /// As [#standard], and the relaxed rules.
    public static Pipeline relaxed() {
        List<Pass> passes = new ArrayList<>(standard().passes);
        passes.add(new Simplify("simplify-relaxed", Exactness.RELAXED, Rules.RELAXED_RULES));
        passes.add(new MergeDuplicates());
        return new Pipeline(passes, true, true);
    }

    /// Nothing: every operation is a kernel of its own.
    public static Pipeline none() {
        return new Pipeline(List.of(), false, false);
    }

    /// This pipeline without the pass `name`, or without what follows the passes: `fusion` or
    /// `schedule`.
    public Pipeline without(String name) {
        if (name.equals("fusion")) {
            return new Pipeline(passes, false, schedule);
        }
        if (name.equals("schedule")) {
            return new Pipeline(passes, fuse, false);
        }
        List<Pass> rest = passes.stream().filter(pass -> !pass.name().equals(name)).toList();
        if (rest.size() == passes.size()) {
            throw new GemelException(
                    "pipeline: expects a pass to switch off, but there is no %s; choose one of %s"
                            .formatted(name, names()));
        }
        return new Pipeline(rest, fuse, schedule);
    }

    private List<String> names() {
        List<String> names = new ArrayList<>(passes.stream().map(Pass::name).distinct().toList());
        names.add("fusion");
        names.add("schedule");
        return names;
    }

    /// What one pass did.
    ///
    /// @param pass its name
    /// @param time how long it took, without the verification
    /// @param before the graph it got
    /// @param after the graph it returned
    public record Step(String pass, Duration time, Graph before, Graph after) {
        /// Whether the graph reads otherwise than before.
        public boolean changed() {
            return !Printer.brief(before).equals(Printer.brief(after));
        }

        /// One line: the name, the time, and the number of operations before and after.
        @Override
        public String toString() {
            return "%-18s %,9d us  %d -> %d operations"
                    .formatted(pass, time.toNanos() / 1000, operations(before), operations(after));
        }

        private static long operations(Graph graph) {
            return graph.nodes().stream().filter(Node.Apply.class::isInstance).count();
        }
    }

    /// Runs all passes; each result is verified.
    ///
    /// @throws GemelException if a pass breaks the graph
    public Graph run(Graph graph) {
        return observed(graph, _ -> {});
    }

    /// Runs all passes and tells of each that changed the graph: its name and the new text.
    public Graph run(Graph graph, BiConsumer<String, String> changed) {
        return observed(
                graph,
                step -> {
                    if (step.changed()) {
                        changed.accept(step.pass, Printer.brief(step.after));
                    }
                });
    }

    /// Runs all passes and tells of each what it did, and how long that took.
    public Graph observed(Graph graph, Consumer<Step> observer) {
        Graph current = graph;
        for (Pass pass : passes) {
            long start = System.nanoTime();
            Graph next = pass.run(current);
            Duration time = Duration.ofNanos(System.nanoTime() - start);
            verify(pass, current, next);
            observer.accept(new Step(pass.name(), time, current, next));
            current = next;
        }
        return current;
    }

    private static void verify(Pass pass, Graph before, Graph after) {
        Verifier.check(after);
        List<TensorType> expected = before.outputs().stream().map(Node::type).toList();
        List<TensorType> found = after.outputs().stream().map(Node::type).toList();
        if (!before.inputs().equals(after.inputs()) || !expected.equals(found)) {
            throw new GemelException(
                    "pass %s: expects to keep the inputs and the types of the outputs, but %s"
                                    .formatted(pass.name(), expected)
                            + " became %s; switch it off with without(\"%s\") and report it"
                                    .formatted(found, pass.name()));
        }
    }
}
