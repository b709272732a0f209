package org.gemel.compiler;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.gemel.GemelException;
import org.gemel.backend.Backend;
import org.gemel.ir.Graph;
import org.gemel.ir.Printer;
import org.gemel.ir.Verifier;

/// The passes a graph goes through, in order, and whether neighbours are fused afterwards.
///
/// Dead code needs no pass: a [Graph] is what its outputs depend on.
///
/// @param passes each verified after it ran
/// @param fuse whether operations with the same loops become one kernel
public record Pipeline(List<Pass> passes, boolean fuse) {
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
                        new MergeDuplicates()),
                true);
    }

    /// As [#standard], and the relaxed rules.
    public static Pipeline relaxed() {
        List<Pass> passes = new ArrayList<>(standard().passes);
        passes.add(new Simplify("simplify-relaxed", Exactness.RELAXED, Rules.RELAXED_RULES));
        return new Pipeline(passes, true);
    }

    /// Nothing: every operation is a kernel of its own.
    public static Pipeline none() {
        return new Pipeline(List.of(), false);
    }

    /// This pipeline without the pass `name`, or without fusion if it is `fusion`.
    public Pipeline without(String name) {
        if (name.equals("fusion")) {
            return new Pipeline(passes, false);
        }
        List<Pass> rest = passes.stream().filter(pass -> !pass.name().equals(name)).toList();
        if (rest.size() == passes.size()) {
            throw new GemelException(
                    "pipeline: expects a pass to switch off, but there is no %s; choose one of %s"
                            .formatted(name, names()));
        }
        return new Pipeline(rest, fuse);
    }

    private List<String> names() {
        List<String> names = new ArrayList<>(passes.stream().map(Pass::name).distinct().toList());
        names.add("fusion");
        return names;
    }

    /// Runs all passes; each result is verified.
    public Graph run(Graph graph) {
        Graph current = graph;
        for (Pass pass : passes) {
            current = Verifier.check(pass.run(current));
        }
        return current;
    }

    /// Runs all passes and tells of each that changed the graph: its name and the new text.
    public Graph run(Graph graph, BiConsumer<String, String> changed) {
        Graph current = graph;
        String text = Printer.brief(current);
        for (Pass pass : passes) {
            current = Verifier.check(pass.run(current));
            String next = Printer.brief(current);
            if (!next.equals(text)) {
                changed.accept(pass.name(), next);
                text = next;
            }
        }
        return current;
    }
}
