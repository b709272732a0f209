package org.gemel.compiler;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.gemel.ir.Lowered.Place;
import org.gemel.ir.Lowered.Step;
import org.gemel.ir.Node;

/// Which steps have to wait for which: those that read for those that write, and one that writes
/// over the old content of a state for those that read that or may fail.
final class StepOrder {
    private final List<Step> steps;
    private final List<Node> states;
    private final int[] writers;
    private final boolean[] fails;

    /// @param steps in an order in which they may run
    /// @param states for each update the input whose content it replaces
    /// @param writers for each update the step that makes the new content
    StepOrder(List<Step> steps, List<Node> states, int[] writers) {
        this.steps = List.copyOf(steps);
        this.states = states;
        this.writers = writers;
        this.fails = new boolean[steps.size()];
        for (int i = 0; i < fails.length; i++) {
            fails[i] =
                    steps.get(i).region().graph().nodes().stream()
                            .anyMatch(node ->
                                    node instanceof Node.Apply apply && apply.op().mayFail());
        }
    }

    /// The input whose content update `update` replaces.
    Node state(int update) {
        return states.get(update);
    }

    /// The step that makes the new content of update `update`.
    int writer(int update) {
        return writers[update];
    }

    /// Whether a step may fail.
    boolean mayFail(int step) {
        return fails[step];
    }

    /// For each step those that come before it in any order.
    ///
    /// @param inPlace which updates are written over the old content
    List<List<Integer>> before(boolean[] inPlace) {
        Map<Node, Integer> makers = new IdentityHashMap<>();
        List<Set<Integer>> order = new ArrayList<>();
        for (int i = 0; i < steps.size(); i++) {
            Set<Integer> before = new TreeSet<>();
            for (Place place : steps.get(i).inputs()) {
                Integer maker = makers.get(place.base());
                if (maker != null) {
                    before.add(maker);
                }
            }
            for (Node made : steps.get(i).outputs()) {
                makers.put(made, i);
            }
            order.add(before);
        }
        for (int update = 0; update < inPlace.length; update++) {
            if (inPlace[update]) {
                Set<Integer> before = order.get(writers[update]);
                before.addAll(readers(update));
                IntStream.range(0, writers[update]).filter(this::mayFail).forEach(before::add);
            }
        }
        return order.stream().map(List::copyOf).toList();
    }

    /// For each update in place whose old content other steps read: which.
    Map<Integer, List<Integer>> readers(boolean[] inPlace) {
        Map<Integer, List<Integer>> all = new LinkedHashMap<>();
        for (int update = 0; update < inPlace.length; update++) {
            List<Integer> readers = inPlace[update] ? readers(update) : List.of();
            if (!readers.isEmpty()) {
                all.put(update, readers);
            }
        }
        return all;
    }

    private List<Integer> readers(int update) {
        Node state = states.get(update);
        return IntStream.range(0, writers[update])
                .filter(i ->
                        steps.get(i).inputs().stream().anyMatch(place -> place.base() == state))
                .boxed()
                .toList();
    }
}
