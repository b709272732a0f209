package org.gemel.compiler;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.gemel.backend.Storage;
import org.jspecify.annotations.Nullable;

/// The frames of one plan, kept from call to call: there come to be as many as calls ever ran at
/// once, up to [#MOST]; further ones live for one call.
///
/// Taking one is a compare-and-set that succeeds at once unless another thread is in between;
/// giving it back is a store. Threads start at different frames, so that they keep to their own.
final class Frames {
    /// How many frames are kept.
    static final int MOST = 2 * Runtime.getRuntime().availableProcessors();

    private static final VarHandle TAKEN;

    static {
        try {
            TAKEN = MethodHandles.lookup().findVarHandle(Frame.class, "taken", boolean.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    /// The memory of one running call.
    static final class Frame {
        /// Where inputs and outputs begin.
        final long[] bases;

        /// The addresses of each kernel's operands.
        final long[][] operands;

        /// For each output that is an update and not written in place: memory for the next one,
        /// with the frame's hold.
        final @Nullable Storage[] spare;

        private final Storage arena;
        private final boolean kept;

        @SuppressWarnings("UnusedVariable") // through the handle
        private volatile boolean taken = true;

        private Frame(Storage arena, long[] bases, long[][] operands, int outputs, boolean kept) {
            this.arena = arena;
            this.kept = kept;
            this.bases = bases;
            this.operands = operands;
            this.spare = new Storage[outputs];
        }

        /// Gives away `given`, if it was output `i`'s spare memory, and keeps `replaced` in its
        /// place.
        void keep(int i, Storage given, @Nullable Storage replaced) {
            Storage last = spare[i];
            if (last != null && last != given) {
                last.release();
            }
            if (replaced != null) {
                replaced.retain();
            }
            spare[i] = replaced;
        }

        /// Lets another call have it.
        void giveBack() {
            if (kept) {
                TAKEN.setRelease(this, false);
            } else {
                arena.release();
                for (Storage storage : spare) {
                    if (storage != null) {
                        storage.release();
                    }
                }
            }
        }
    }

    private final Plan plan;
    private final long[] constants;
    private volatile Frame[] all = {};

    Frames(Plan plan, long[] constants) {
        this.plan = plan;
        this.constants = constants;
    }

    /// A frame for one call.
    Frame take() {
        Frame[] known = all;
        int first = known.length > 1 ? (int) (Thread.currentThread().threadId() % known.length) : 0;
        for (int i = 0; i < known.length; i++) {
            int at = first + i;
            Frame frame = known[at < known.length ? at : at - known.length];
            if (!(boolean) TAKEN.getOpaque(frame) && TAKEN.compareAndSet(frame, false, true)) {
                return frame;
            }
        }
        return add();
    }

    private synchronized Frame add() {
        if (all.length == MOST) {
            return make(false);
        }
        Frame fresh = make(true);
        Frame[] more = new Frame[all.length + 1];
        System.arraycopy(all, 0, more, 0, all.length);
        more[all.length] = fresh;
        all = more;
        return fresh;
    }

    private Frame make(boolean kept) {
        Storage arena =
                Storage.allocate(
                        plan.memory().bytes(), "what a traced function computes on the way");
        long[][] operands = new long[plan.launches().size()][];
        for (int i = 0; i < operands.length; i++) {
            Plan.Launch launch = plan.launches().get(i);
            operands[i] = new long[launch.memories().length];
            for (int j = 0; j < operands[i].length; j++) {
                int memory = launch.memories()[j];
                if (memory == plan.arena()) {
                    operands[i][j] = arena.address() + launch.offsets()[j];
                } else if (plan.isConstant(memory)) {
                    operands[i][j] = constants[plan.constant(memory)] + launch.offsets()[j];
                }
            }
        }
        int outputs = plan.arena() - plan.outputMemory(0);
        return new Frame(arena, new long[plan.memories()], operands, outputs, kept);
    }
}
