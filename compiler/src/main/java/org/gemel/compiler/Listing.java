package org.gemel.compiler;

import java.util.Arrays;
import java.util.List;
import java.util.StringJoiner;
import java.util.stream.Collectors;
import org.gemel.ir.Node;

/// A plan as text: one line for each kernel, in the order in which they run.
///
/// ```
/// arena of 2,048 bytes; no plan needs less than 2,048, and without sharing it were 5,120
/// 1 CALL [16, 16] matmul: x, x -> arena+0
/// 2 ELEMENTS [16, 16] add, relu: arena+0, constant 0 -> output 0
/// ```
///
/// and one for each group of kernels that run at the same time: `side by side: 3 | 4, 5`.
final class Listing {
    private final Program program;
    private final Plan plan;

    private Listing(Program program, Plan plan) {
        this.program = program;
        this.plan = plan;
    }

    /// The text of `plan`, without a line end.
    static String of(Program program, Plan plan) {
        Listing listing = new Listing(program, plan);
        StringJoiner lines = new StringJoiner("\n");
        lines.add(listing.arena());
        for (int i = 0; i < plan.launches().size(); i++) {
            lines.add((i + 1) + " " + listing.launch(plan.launches().get(i)));
        }
        for (Schedule.Group group : plan.groups()) {
            if (group.parallel()) {
                lines.add("side by side: " + lanes(group));
            }
        }
        for (int i = 0; i < program.updates().size(); i++) {
            lines.add(
                    (plan.inPlace(i)
                                    ? "output %d overwrites %s where nothing else holds it"
                                    : "output %d is written beside %s, whose memory the next call's"
                                            + " gets")
                            .formatted(
                                    program.results() + i,
                                    listing.input(program.updates().get(i))));
        }
        return lines.toString();
    }

    private static String lanes(Schedule.Group group) {
        return group.lanes().stream()
                .map(lane ->
                        Arrays.stream(lane)
                                .mapToObj(launch -> Integer.toString(launch + 1))
                                .collect(Collectors.joining(", ")))
                .collect(Collectors.joining(" | "));
    }

    private String arena() {
        MemoryPlan memory = plan.memory();
        return "arena of %,d bytes; no plan needs less than %,d, and without sharing it were %,d"
                .formatted(memory.bytes(), memory.lowerBound(), memory.total());
    }

    private String launch(Plan.Launch launch) {
        StringJoiner operations = new StringJoiner(", ");
        for (Node node : launch.region().graph().nodes()) {
            if (node instanceof Node.Apply apply) {
                operations.add(apply.op().label());
            }
        }
        StringJoiner reads = new StringJoiner(", ");
        StringJoiner writes = new StringJoiner(", ");
        int inputs = launch.region().graph().inputs().size();
        // Behind these may be what is kept of an input.
        int operands = inputs + launch.region().graph().outputs().size();
        for (int i = 0; i < operands; i++) {
            (i < inputs ? reads : writes).add(place(launch.memories()[i], launch.offsets()[i]));
        }
        return "%s %s %s: %s -> %s"
                .formatted(
                        launch.region().loop(), launch.region().space(), operations, reads, writes);
    }

    private String place(int memory, long offset) {
        if (memory == plan.arena()) {
            return "arena+" + offset;
        }
        String name;
        if (memory >= plan.outputMemory(0)) {
            name = "output " + (memory - plan.outputMemory(0));
        } else {
            name = plan.isConstant(memory) ? "constant " + plan.constant(memory) : input(memory);
        }
        return offset == 0 ? name : name + "+" + offset;
    }

    private String input(int number) {
        List<Node.Input> inputs = program.graph().inputs();
        return inputs.get(number).name();
    }
}
