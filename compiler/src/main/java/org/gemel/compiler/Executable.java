package org.gemel.compiler;

import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.gemel.TensorType;
import org.gemel.backend.Backend;
import org.gemel.backend.Counters;
import org.gemel.backend.Kernel;
import org.gemel.backend.Storage;
import org.gemel.backend.View;
import org.gemel.ir.Graph;
import org.gemel.ir.Layout;
import org.gemel.ir.Node;
import org.gemel.ir.Region;
import org.jspecify.annotations.Nullable;

/// A compiled program: kernels in a fixed order over one arena. Thread-safe.
///
/// A call allocates memory for its results and for nothing else: an update that is not written over
/// the old content goes to memory that the frame keeps, and the frame keeps the old content's
/// instead.
public final class Executable {
    /// Where an output is written.
    private enum Target {
        /// To fresh memory: it is a result.
        FRESH,
        /// Over the content that it replaces.
        REPLACED,
        /// To memory that the frame keeps for it.
        SPARE
    }

    private static final long[][] NO_FRAME = {};
    private static final @Nullable Storage[] NOTHING_SPARE = {};
    private static final Object[] NOTHING = {};

    private final Program program;
    private final Plan plan;
    private final List<View> constants;
    private final PlanCode.Launcher launcher;
    private final Optional<Frames> frames;
    private final PreparedInput[] prepared;
    private final TensorType[] outputTypes;
    private final Layout[] outputLayouts;
    private final long[] outputBytes;
    private final int firstOutput;
    private final int launches;

    /// For each output the input whose content it replaces, or -1.
    private final int[] replaced;

    private final Target[] targets;

    private Executable(Program program, Plan plan, Backend backend) {
        this.program = program;
        this.plan = plan;
        this.constants = plan.constants().stream().map(Executable::stored).toList();
        long[] addresses = constants.stream().mapToLong(View::address).toArray();
        List<Kernel> kernels = new ArrayList<>();
        plan.launches().forEach(launch -> kernels.add(backend.compile(launch.region())));
        this.prepared = PreparedInput.all(plan, kernels);
        this.launcher = PlanCode.generate(plan, kernels, backend, addresses);
        this.frames = plan.framed() ? Optional.of(new Frames(plan, addresses)) : Optional.empty();
        Graph graph = program.graph();
        this.outputTypes =
                graph.outputs().stream().map(node -> node.type()).toArray(TensorType[]::new);
        this.outputLayouts =
                Arrays.stream(outputTypes)
                        .map(type -> Layout.contiguous(type.shape()))
                        .toArray(Layout[]::new);
        this.outputBytes = Arrays.stream(outputTypes).mapToLong(TensorType::bytes).toArray();
        this.firstOutput = plan.outputMemory(0);
        this.launches = kernels.size();
        this.replaced = new int[outputTypes.length];
        this.targets = new Target[outputTypes.length];
        int results = program.results();
        for (int i = 0; i < replaced.length; i++) {
            if (i < results) {
                replaced[i] = -1;
                targets[i] = Target.FRESH;
            } else {
                replaced[i] = program.updates().get(i - results);
                targets[i] = plan.inPlace(i - results) ? Target.REPLACED : Target.SPARE;
            }
        }
    }

    private static View stored(Node.Constant constant) {
        View view = View.allocate(constant.type());
        view.copyFrom(MemorySegment.ofArray(constant.data()));
        return view;
    }

    /// Optimizes and compiles `program`.
    public static Executable compile(Program program, Pipeline pipeline, Backend backend) {
        Graph optimized = pipeline.run(program.graph());
        Schedule.Machine machine =
                pipeline.schedule()
                        ? new Schedule.Machine(backend.workers().threads(), Cost::micros)
                        : Schedule.Machine.SERIAL;
        return lowered(
                new Program(optimized, program.updates()), pipeline.fuse(), machine, backend);
    }

    /// Compiles `program` as it stands.
    static Executable lowered(
            Program program, boolean fuse, Schedule.Machine machine, Backend backend) {
        return new Executable(program, Plan.of(program, fuse, machine), backend);
    }

    /// Runs the program.
    ///
    /// @param inputs contiguous, of the graph's input types
    /// @param exclusive for each input that is updated, whether its memory may be overwritten
    /// @return a view for each output with one hold, the caller's; for an update that was done in
    ///   place, the input's own view without a further hold
    public View[] run(View[] inputs, boolean[] exclusive) {
        View[] outputs = new View[outputTypes.length];
        Object[] used = prepared.length == 0 ? NOTHING : new Object[prepared.length];
        if (frames.isEmpty()) {
            long[] bases = new long[plan.memories()];
            place(inputs, exclusive, outputs, NOTHING_SPARE, bases);
            prepare(inputs, bases, used);
            launch(bases, NO_FRAME);
        } else {
            Frames.Frame frame = frames.get().take();
            try {
                place(inputs, exclusive, outputs, frame.spare, frame.bases);
                prepare(inputs, frame.bases, used);
                launch(frame.bases, frame.operands);
                keep(inputs, exclusive, outputs, frame);
            } finally {
                frame.giveBack();
            }
        }
        // Kernels see addresses only: what they point into must not be found dead meanwhile.
        Reference.reachabilityFence(inputs);
        Reference.reachabilityFence(outputs);
        Reference.reachabilityFence(used);
        Reference.reachabilityFence(this);
        return outputs;
    }

    // Makes the outputs, and tells where all begin.
    private void place(
            View[] inputs,
            boolean[] exclusive,
            View[] outputs,
            @Nullable Storage[] spare,
            long[] bases) {
        for (int i = 0; i < inputs.length; i++) {
            bases[i] = inputs[i].address();
        }
        for (int i = 0; i < outputs.length; i++) {
            if (targets[i] == Target.REPLACED && exclusive[replaced[i]]) {
                outputs[i] = inputs[replaced[i]];
                outputs[i].storage().overwritten();
            } else {
                outputs[i] = new View(memory(i, spare), outputTypes[i], outputLayouts[i]);
            }
            bases[firstOutput + i] = outputs[i].address();
        }
    }

    private Storage memory(int output, @Nullable Storage[] spare) {
        if (targets[output] == Target.SPARE) {
            Storage kept = spare[output];
            // A caller that was given it may hold it still.
            if (kept != null && kept.exclusive()) {
                kept.overwritten();
                return kept;
            }
        }
        return Storage.allocate(outputBytes[output], outputTypes[output]);
    }

    // The frame's hold of what was spare has become the caller's; what the update replaces is kept
    // for the next one.
    private void keep(View[] inputs, boolean[] exclusive, View[] outputs, Frames.Frame frame) {
        for (int i = 0; i < outputs.length; i++) {
            if (targets[i] == Target.SPARE) {
                int state = replaced[i];
                boolean fits = inputs[state].storage().bytes() >= outputBytes[i];
                frame.keep(
                        i,
                        outputs[i].storage(),
                        exclusive[state] && fits ? inputs[state].storage() : null);
            }
        }
    }

    // Tells where prepared inputs are; `used` keeps them from being found dead.
    private void prepare(View[] inputs, long[] bases, Object[] used) {
        for (int i = 0; i < prepared.length; i++) {
            used[i] = prepared[i].place(inputs, bases);
        }
    }

    private void launch(long[] bases, long[][] operands) {
        launcher.run(bases, operands);
        Counters.kernelsLaunched(launches);
    }

    /// The number of kernels a call runs.
    public int kernels() {
        return launches;
    }

    /// The bytes of temporaries a call works in.
    public long arenaBytes() {
        return plan.memory().bytes();
    }

    /// The bytes of what is kept from call to call because the inputs that it was made of stay the
    /// same, as packed weights are.
    public long preparedBytes() {
        return Arrays.stream(prepared).mapToLong(PreparedInput::bytes).sum();
    }

    /// The least that any plan for this order of kernels needs.
    public long arenaLowerBound() {
        return plan.memory().lowerBound();
    }

    /// The bytes that the temporaries would take if none shared memory with another.
    public long arenaTotal() {
        return plan.memory().total();
    }

    /// What a call does: the arena, then for each kernel a line with its loop, its operations, and
    /// what it reads and writes, as an input, a constant, an output or bytes of the arena.
    public String listing() {
        return Listing.of(program, plan);
    }

    /// What each kernel computes, in the order in which they run.
    public List<Region> regions() {
        return plan.launches().stream().map(Plan.Launch::region).toList();
    }
}
