package org.gemel.backend.vector;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.gemel.backend.vector.Body.Fold;
import org.gemel.backend.vector.Body.Stage;
import org.gemel.backend.vector.Body.Step;
import org.gemel.backend.vector.Body.Store;

/// Takes apart stages with several reductions of a row, where each alone can hold its lanes in
/// registers and little is computed twice: to read a row again costs less than lanes in memory.
///
/// Nothing that such a stage reads lies where it writes: rows are never computed in place.
final class OneByOne {
    private OneByOne() {}

    /// `body` with such stages replaced.
    static Body of(Body body, int lanes) {
        List<Stage> stages = new ArrayList<>();
        for (Stage stage : body.stages()) {
            stages.addAll(apart(stage, lanes));
        }
        return new Body(body.operands(), body.constants(), stages);
    }

    private static List<Stage> apart(Stage stage, int lanes) {
        List<Fold> rows = StageCode.rowFolds(stage);
        if (rows.size() < 2 || StageCode.keepsLanes(stage, lanes)) {
            return List.of(stage);
        }
        List<Stage> parts = new ArrayList<>();
        int weight = 0;
        for (Fold row : rows.subList(0, rows.size() - 1)) {
            parts.add(part(stage, List.of(), List.of(row)));
        }
        List<Fold> others = new ArrayList<>(stage.folds());
        others.removeAll(rows.subList(0, rows.size() - 1));
        parts.add(part(stage, stage.stores(), others));
        for (Stage part : parts) {
            if (!StageCode.keepsLanes(part, lanes)) {
                return List.of(stage);
            }
            weight += StageCode.weight(part);
        }
        return weight > StageCode.weight(stage) + Planner.CHEAP ? List.of(stage) : parts;
    }

    // What is needed of `stage` for some of its results.
    private static Stage part(Stage stage, List<Store> stores, List<Fold> folds) {
        Set<Integer> needed = new HashSet<>();
        stores.forEach(store -> needed.add(store.value()));
        folds.forEach(fold -> needed.add(fold.value()));
        List<Step> steps = new ArrayList<>();
        for (Step step : stage.steps().reversed()) {
            if (needed.contains(step.value())) {
                needed.addAll(step.inputs());
                steps.addFirst(step);
            }
        }
        return new Stage(false, steps, stores, folds);
    }
}
