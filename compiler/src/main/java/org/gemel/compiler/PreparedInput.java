package org.gemel.compiler;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.gemel.backend.Kernel;
import org.gemel.backend.Preparation;
import org.gemel.backend.Storage;
import org.gemel.backend.View;
import org.jspecify.annotations.Nullable;

/// One input of one kernel that is prepared once and then used as long as it stays the same, as the
/// weights of a model are between two steps of training.
///
/// An input is prepared when a number of calls have found it unchanged, and each time that this
/// turned out to be in vain, twice as many calls have to. Whether it is unchanged, its storage
/// tells; see [Storage#stamp]. Content that changes is never missed: every writer either takes a
/// new storage or says that it writes over the old one.
final class PreparedInput {
    /// The most bytes that one program keeps.
    private static final long MOST_BYTES = 256L << 20;

    private static final int CALLS = 2;
    private static final int MOST_CALLS = 1 << 20;

    private final Preparation preparation;
    private final int input;
    private final long offset;
    private final int memory;
    private volatile Known known = new Known(0, 0, 0, CALLS, null);

    /// What is known of the input.
    ///
    /// @param stamp that of its storage
    /// @param address where it was
    /// @param calls how many have found it so
    /// @param wanted how many must before it is prepared
    /// @param made the prepared input, if it is
    private record Known(long stamp, long address, int calls, int wanted, @Nullable Storage made) {}

    private PreparedInput(Preparation preparation, int input, long offset, int memory) {
        this.preparation = preparation;
        this.input = input;
        this.offset = offset;
        this.memory = memory;
    }

    /// All that are worth it; replaces the kernels that use them and adds their operands to `plan`.
    static PreparedInput[] all(Plan plan, List<Kernel> kernels) {
        List<PreparedInput> all = new ArrayList<>();
        long bytes = 0;
        for (int i = 0; i < kernels.size(); i++) {
            Plan.Launch launch = plan.launches().get(i);
            int operands = launch.region().graph().inputs().size();
            for (int j = 0; j < operands; j++) {
                int input = launch.memories()[j];
                Optional<Preparation> found =
                        plan.isUnchanged(input) ? kernels.get(i).preparation(j) : Optional.empty();
                if (found.isPresent() && bytes + found.get().bytes() <= MOST_BYTES) {
                    bytes += found.get().bytes();
                    kernels.set(i, found.get().kernel());
                    long offset = launch.offsets()[j];
                    all.add(new PreparedInput(found.get(), input, offset, plan.addOperand(i)));
                    break;
                }
            }
        }
        return all.toArray(PreparedInput[]::new);
    }

    /// Tells in `bases` where the prepared input is, or 0 if there is none for these inputs;
    /// returns what must stay reachable meanwhile.
    Object place(View[] inputs, long[] bases) {
        View view = inputs[input];
        long stamp = view.storage().stamp();
        long address = view.address() + offset;
        Known now = known;
        if (now.stamp != stamp || now.address != address || now.made == null) {
            now = look(stamp, address);
        }
        bases[memory] = now.made == null ? 0 : now.made.address();
        return now;
    }

    // What was prepared before may be in use: it is left to the collector.
    private synchronized Known look(long stamp, long address) {
        Known now = known;
        if (now.stamp != stamp || now.address != address) {
            int wanted = now.made == null ? now.wanted : Math.min(MOST_CALLS, 2 * now.wanted);
            now = new Known(stamp, address, 1, wanted, null);
        } else if (now.made == null && now.calls < now.wanted) {
            now = new Known(stamp, address, now.calls + 1, now.wanted, null);
        } else if (now.made == null) {
            Storage made =
                    Storage.allocate(
                            preparation.bytes(), "the packed weights of a traced function");
            preparation.prepare(address, made.address());
            now = new Known(stamp, address, now.calls, now.wanted, made);
        }
        known = now;
        return now;
    }

    /// The bytes kept now.
    long bytes() {
        return known.made == null ? 0 : preparation.bytes();
    }
}
