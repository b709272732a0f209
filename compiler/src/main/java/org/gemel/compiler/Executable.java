package org.gemel.compiler;

import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.gemel.TensorType;
import org.gemel.backend.Backend;
import org.gemel.backend.Counters;
import org.gemel.backend.Kernel;
import org.gemel.backend.Storage;
import org.gemel.backend.View;
import org.gemel.ir.Graph;
import org.gemel.ir.Layout;
import org.gemel.ir.Printer;
import org.gemel.ir.Region;

/// A compiled program: kernels in a fixed order over one arena. Thread-safe.
///
/// A call allocates memory for its results and for nothing else.
public final class Executable {
    private final Program program;
    private final Plan plan;
    private final Kernel[] kernels;
    private final List<View> constants;
    private final TensorType[] outputTypes;
    private final Layout[] outputLayouts;

    /// For each kernel the operands whose address differs from call to call.
    private final int[][] moving;

    /// Kept between calls; a second thread makes its own.
    private final AtomicReference<Frame> spare = new AtomicReference<>();

    /// The memory of one running call: the arena, and the addresses of every kernel's operands.
    private record Frame(Storage arena, long[][] addresses) {}

    private Executable(Program program, Plan plan, Backend backend) {
        this.program = program;
        this.plan = plan;
        this.kernels =
                plan.launches().stream()
                        .map(launch -> backend.compile(launch.region()))
                        .toArray(Kernel[]::new);
        this.constants = new ArrayList<>();
        plan.constants()
                .forEach(constant -> {
                    View view = View.allocate(constant.type());
                    view.copyFrom(MemorySegment.ofArray(constant.data()));
                    constants.add(view);
                });
        Graph graph = program.graph();
        this.outputTypes =
                graph.outputs().stream().map(node -> node.type()).toArray(TensorType[]::new);
        this.outputLayouts = new Layout[outputTypes.length];
        for (int i = 0; i < outputLayouts.length; i++) {
            outputLayouts[i] = Layout.contiguous(outputTypes[i].shape());
        }
        this.moving = plan.launches().stream().map(this::moving).toArray(int[][]::new);
    }

    private int[] moving(Plan.Launch launch) {
        List<Integer> found = new ArrayList<>();
        for (int i = 0; i < launch.memories().length; i++) {
            if (!isFixed(launch.memories()[i])) {
                found.add(i);
            }
        }
        return found.stream().mapToInt(Integer::intValue).toArray();
    }

    private boolean isFixed(int memory) {
        int inputs = program.graph().inputs().size();
        return memory == plan.arena() || (memory >= inputs && memory < inputs + constants.size());
    }

    /// Optimizes and compiles `program`.
    public static Executable compile(Program program, Pipeline pipeline, Backend backend) {
        Graph optimized = pipeline.run(program.graph());
        return lowered(new Program(optimized, program.updates()), pipeline.fuse(), backend);
    }

    /// Compiles `program` as it stands.
    static Executable lowered(Program program, boolean fuse, Backend backend) {
        return new Executable(program, Plan.of(program, fuse), backend);
    }

    /// Runs the program.
    ///
    /// @param inputs contiguous, of the graph's input types
    /// @param exclusive for each input that is updated, whether its memory may be overwritten
    /// @return a view for each output with one hold, the caller's; for an update that was done in
    ///   place, the input's own view without a further hold
    public View[] run(View[] inputs, boolean[] exclusive) {
        long[] bases = new long[plan.arena()];
        for (int i = 0; i < inputs.length; i++) {
            bases[i] = inputs[i].address();
        }
        View[] outputs = new View[outputTypes.length];
        int results = program.results();
        for (int i = 0; i < outputs.length; i++) {
            int state = i < results ? -1 : program.updates().get(i - results);
            boolean overwrite = state >= 0 && exclusive[state] && plan.inPlace(i - results);
            outputs[i] =
                    overwrite
                            ? inputs[state]
                            : new View(
                                    Storage.allocate(outputTypes[i].bytes()),
                                    outputTypes[i],
                                    outputLayouts[i]);
            bases[plan.outputMemory(i)] = outputs[i].address();
        }
        Frame frame = spare.getAndSet(null);
        if (frame == null) {
            frame = frame();
        }
        try {
            launch(frame.addresses, bases);
        } finally {
            // Kernels see addresses only: what they point into must not be found dead meanwhile.
            Reference.reachabilityFence(inputs);
            Reference.reachabilityFence(outputs);
            Reference.reachabilityFence(this);
            if (!spare.compareAndSet(null, frame)) {
                frame.arena.release();
            }
        }
        return outputs;
    }

    private void launch(long[][] addresses, long[] bases) {
        for (int i = 0; i < kernels.length; i++) {
            Plan.Launch launch = plan.launches().get(i);
            long[] operands = addresses[i];
            for (int operand : moving[i]) {
                operands[operand] = bases[launch.memories()[operand]] + launch.offsets()[operand];
            }
            kernels[i].run(operands);
            Counters.kernelLaunched();
        }
    }

    private Frame frame() {
        Storage arena = Storage.allocate(plan.memory().bytes());
        int inputs = program.graph().inputs().size();
        long[][] addresses = new long[kernels.length][];
        for (int i = 0; i < kernels.length; i++) {
            Plan.Launch launch = plan.launches().get(i);
            addresses[i] = new long[launch.memories().length];
            for (int operand = 0; operand < addresses[i].length; operand++) {
                int memory = launch.memories()[operand];
                if (isFixed(memory)) {
                    long base =
                            memory == plan.arena()
                                    ? arena.address()
                                    : constants.get(memory - inputs).address();
                    addresses[i][operand] = base + launch.offsets()[operand];
                }
            }
        }
        return new Frame(arena, addresses);
    }

    /// The number of kernels a call runs.
    public int kernels() {
        return kernels.length;
    }

    /// The bytes of temporaries a call works in.
    public long arenaBytes() {
        return plan.memory().bytes();
    }

    /// The least that any plan for this order of kernels needs.
    public long arenaLowerBound() {
        return plan.memory().lowerBound();
    }

    /// What each kernel computes, in the order in which they run.
    public List<Region> regions() {
        return plan.launches().stream().map(Plan.Launch::region).toList();
    }

    /// The optimized graph and the regions it was cut into.
    public String print() {
        StringBuilder text = new StringBuilder(Printer.print(program.graph()));
        for (int i = 0; i < kernels.length; i++) {
            Plan.Launch launch = plan.launches().get(i);
            text.append("\nkernel ")
                    .append(i + 1)
                    .append(": ")
                    .append(launch.region().loop())
                    .append(' ')
                    .append(launch.region().space())
                    .append('\n')
                    .append(Printer.print(launch.region().graph()));
        }
        return text.toString();
    }
}
