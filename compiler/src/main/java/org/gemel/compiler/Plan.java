package org.gemel.compiler;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.gemel.ir.Graph;
import org.gemel.ir.Layout;
import org.gemel.ir.Lowered.Place;
import org.gemel.ir.Lowered.Step;
import org.gemel.ir.Node;
import org.gemel.ir.Partition;
import org.gemel.ir.Region;
import org.gemel.op.Reshape;

/// What runs in which order, and where every value lies.
///
/// Memories are numbered: inputs, constants, outputs, then one arena for everything else.
final class Plan {
    /// One region and where its operands are.
    ///
    /// @param memories for each operand the number of its memory
    /// @param offsets for each operand where it starts there, in bytes
    record Launch(Region region, int[] memories, long[] offsets) {}

    private final Program program;
    private final List<Step> steps = new ArrayList<>();
    private final List<Schedule.Group> groups = new ArrayList<>();
    private final List<Node.Constant> constants = new ArrayList<>();
    private final Map<Node, Integer> numbers = new IdentityHashMap<>();
    private final Map<Node, Long> arenaOffsets = new IdentityHashMap<>();
    private final boolean[] inPlace;
    private final MemoryPlan memory;
    private final List<Launch> launches;
    private int memories;

    private Plan(Program program, boolean fuse, Schedule.Machine machine) {
        this.program = program;
        Graph graph = program.graph();
        var lowered = Partition.of(graph, fuse);
        steps.addAll(lowered.steps());
        graph.inputs().forEach(input -> numbers.put(input, numbers.size()));
        for (Node node : graph.nodes()) {
            if (node instanceof Node.Constant constant) {
                numbers.put(node, numbers.size());
                constants.add(constant);
            }
        }
        assignOutputs(lowered.outputs());
        this.inPlace = new boolean[program.updates().size()];
        List<Node> states = new ArrayList<>();
        program.updates().forEach(input -> states.add(graph.inputs().get(input)));
        StepOrder order = new StepOrder(steps, states, writers());
        for (int i = 0; i < inPlace.length; i++) {
            inPlace[i] = mayOverwrite(i, order, lowered.outputs());
        }
        arrange(schedule(order, machine));
        this.memory = planArena();
        this.launches = new ArrayList<>(steps.stream().map(this::launch).toList());
        this.memories = arena() + 1;
    }

    /// Plans `program` as it stands.
    static Plan of(Program program, boolean fuse, Schedule.Machine machine) {
        return new Plan(program, fuse, machine);
    }

    /// The regions in order; those of a group follow each other, lane by lane.
    List<Launch> launches() {
        return launches;
    }

    /// Which launches run side by side, by their numbers.
    List<Schedule.Group> groups() {
        return groups;
    }

    /// Whether a call needs a frame: for temporaries, for memory that updates are written to, or
    /// for addresses that several threads read.
    boolean framed() {
        return memory.bytes() > 0
                || groups.stream().anyMatch(Schedule.Group::parallel)
                || IntStream.range(0, inPlace.length).anyMatch(update -> !inPlace[update]);
    }

    /// The constants, in the order of their numbers.
    List<Node.Constant> constants() {
        return constants;
    }

    /// The plan of the arena.
    MemoryPlan memory() {
        return memory;
    }

    /// Whether update `i` may be written over the old content while the program runs; if not, it is
    /// written to other memory, whose place the old content takes at the next call.
    boolean inPlace(int i) {
        return inPlace[i];
    }

    /// The number of output `i`'s memory.
    int outputMemory(int i) {
        return program.graph().inputs().size() + constants.size() + i;
    }

    /// Whether a memory is that of a constant.
    boolean isConstant(int memory) {
        return constant(memory) >= 0 && constant(memory) < constants.size();
    }

    /// Which constant the memory is, if it is one.
    int constant(int memory) {
        return memory - program.graph().inputs().size();
    }

    /// The number of the arena.
    int arena() {
        return outputMemory(program.graph().outputs().size());
    }

    /// How many memories there are.
    int memories() {
        return memories;
    }

    /// Whether a memory is that of an input which the program does not change.
    boolean isUnchanged(int memory) {
        return memory < program.graph().inputs().size() && !program.updates().contains(memory);
    }

    /// Gives launch `number` one more operand, in a memory of its own; returns that memory's
    /// number.
    int addOperand(int number) {
        Launch launch = launches.get(number);
        int count = launch.memories.length;
        int[] more = Arrays.copyOf(launch.memories, count + 1);
        more[count] = memories++;
        launches.set(
                number, new Launch(launch.region, more, Arrays.copyOf(launch.offsets, count + 1)));
        return more[count];
    }

    // An output is written where the caller wants it if a step makes it whole; otherwise (an
    // input, a constant, a view, a second name of another output) it is copied at the end.
    private void assignOutputs(List<Place> places) {
        for (int i = 0; i < places.size(); i++) {
            Place place = places.get(i);
            Node node = program.graph().outputs().get(i);
            Node base = place.base();
            boolean whole =
                    !numbers.containsKey(base)
                            && base.type().shape().size() == node.type().shape().size()
                            && place.layout().offset() == 0
                            && place.layout().isContiguous(node.type().shape());
            if (whole) {
                numbers.put(base, outputMemory(i));
            } else {
                Step copy = copy(place, node);
                steps.add(copy);
                numbers.put(copy.outputs().getFirst(), outputMemory(i));
            }
        }
    }

    private static Step copy(Place place, Node node) {
        Node.Input input = new Node.Input("x", node.type());
        Node.Apply same =
                Node.Apply.of(new Reshape(node.type().shape()), List.of(input), Optional.empty());
        Region region =
                new Region(
                        Region.Loop.CALL,
                        node.type().shape(),
                        new Graph(List.of(input), List.of(same)),
                        List.of(place.layout()));
        return new Step(region, List.of(place), List.of(same));
    }

    // The old content must not be read after the new one is written, and by the writing step
    // itself only at the place that it writes.
    private boolean mayOverwrite(int update, StepOrder order, List<Place> outputs) {
        Node state = order.state(update);
        int number = outputMemory(program.results() + update);
        int writer = order.writer(update);
        for (int i = 0; i < steps.size(); i++) {
            // A check that fails later must find the old content untouched.
            if (i > writer && order.mayFail(i)) {
                return false;
            }
            List<Place> read = steps.get(i).inputs();
            for (int k = 0; k < read.size(); k++) {
                boolean here = i == writer && aligned(steps.get(i), k, number);
                if (read.get(k).base() == state && i >= writer && !here) {
                    return false;
                }
            }
        }
        return outputs.stream().noneMatch(place -> place.base() == state);
    }

    // Whether a step reads its input `input` only at the place where it writes memory `number`
    // next: element by element, or in what follows a product tile by tile.
    private boolean aligned(Step step, int input, int number) {
        Place place = step.inputs().get(input);
        Region region = step.region();
        if (!place.layout().equals(Layout.contiguous(region.space()))
                || !place.base().type().shape().equals(region.space())) {
            return false;
        }
        if (region.loop() == Region.Loop.ELEMENTS) {
            return true;
        }
        return region.product()
                .filter(product -> {
                    int written = region.graph().outputs().indexOf(product);
                    return !product.inputs().contains(region.graph().inputs().get(input))
                            && (written < 0
                                    || !Integer.valueOf(number)
                                            .equals(numbers.get(step.outputs().get(written))));
                })
                .isPresent();
    }

    // For each update the step that makes the new content.
    private int[] writers() {
        int[] writers = new int[program.updates().size()];
        Arrays.fill(writers, -1);
        int first = outputMemory(program.results());
        for (int i = 0; i < steps.size(); i++) {
            for (Node made : steps.get(i).outputs()) {
                Integer number = numbers.get(made);
                if (number != null && number >= first) {
                    writers[number - first] = i;
                }
            }
        }
        for (int update = 0; update < writers.length; update++) {
            if (writers[update] < 0) {
                throw new IllegalStateException("nothing makes update " + update);
            }
        }
        return writers;
    }

    // An update in place has to wait for whoever reads the old content. Where that keeps steps from
    // running side by side, it is written to memory of its own instead.
    private Schedule schedule(StepOrder order, Schedule.Machine machine) {
        List<Region> regions = steps.stream().map(Step::region).toList();
        Schedule waiting = Schedule.of(regions, order.before(inPlace), machine);
        Map<Integer, List<Integer>> readers = order.readers(inPlace);
        if (machine.threads() == 1 || readers.isEmpty()) {
            return waiting;
        }
        boolean[] without = inPlace.clone();
        readers.keySet().forEach(update -> without[update] = false);
        int[] times = times(Schedule.of(regions, order.before(without), machine));
        readers.forEach((update, all) -> {
            int written = times[order.writer(update)];
            without[update] = all.stream().allMatch(reader -> times[reader] < written);
        });
        Schedule apart = Schedule.of(regions, order.before(without), machine);
        if (apart.micros() >= waiting.micros()) {
            return waiting;
        }
        System.arraycopy(without, 0, inPlace, 0, inPlace.length);
        return apart;
    }

    // For each step the group that it runs in.
    private int[] times(Schedule schedule) {
        int[] times = new int[steps.size()];
        for (int time = 0; time < schedule.groups().size(); time++) {
            for (int[] lane : schedule.groups().get(time).lanes()) {
                for (int step : lane) {
                    times[step] = time;
                }
            }
        }
        return times;
    }

    // Puts the steps into the order of the schedule.
    private void arrange(Schedule schedule) {
        List<Step> before = List.copyOf(steps);
        steps.clear();
        for (Schedule.Group group : schedule.groups()) {
            List<int[]> lanes = new ArrayList<>();
            for (int[] lane : group.lanes()) {
                int first = steps.size();
                for (int step : lane) {
                    steps.add(before.get(step));
                }
                lanes.add(IntStream.range(first, steps.size()).toArray());
            }
            groups.add(new Schedule.Group(lanes));
        }
    }

    // Steps of one group are alive together.
    private MemoryPlan planArena() {
        Map<Node, Integer> dies = new HashMap<>();
        List<Node> temporaries = new ArrayList<>();
        List<Integer> born = new ArrayList<>();
        for (int time = 0; time < groups.size(); time++) {
            for (int[] lane : groups.get(time).lanes()) {
                for (int i : lane) {
                    for (Place place : steps.get(i).inputs()) {
                        dies.put(place.base(), time);
                    }
                    for (Node made : steps.get(i).outputs()) {
                        if (!numbers.containsKey(made)) {
                            temporaries.add(made);
                            born.add(time);
                        }
                    }
                }
            }
        }
        List<MemoryPlan.Range> ranges = new ArrayList<>();
        for (int i = 0; i < temporaries.size(); i++) {
            Node node = temporaries.get(i);
            int last = dies.getOrDefault(node, born.get(i));
            ranges.add(new MemoryPlan.Range(node.type().bytes(), born.get(i), last));
        }
        MemoryPlan plan = MemoryPlan.of(ranges);
        for (int i = 0; i < temporaries.size(); i++) {
            arenaOffsets.put(temporaries.get(i), plan.offsets()[i]);
        }
        return plan;
    }

    private Launch launch(Step step) {
        int count = step.inputs().size() + step.outputs().size();
        int[] memories = new int[count];
        long[] offsets = new long[count];
        int i = 0;
        for (Place place : step.inputs()) {
            locate(place.base(), memories, offsets, i);
            offsets[i++] += place.layout().offset() * place.base().type().dtype().bytes();
        }
        for (Node made : step.outputs()) {
            locate(made, memories, offsets, i++);
        }
        return new Launch(step.region(), memories, offsets);
    }

    private void locate(Node node, int[] memories, long[] offsets, int i) {
        Integer number = numbers.get(node);
        memories[i] = number == null ? arena() : number;
        offsets[i] = number == null ? arenaOffsets.getOrDefault(node, 0L) : 0;
    }
}
