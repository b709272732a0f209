package org.gemel.backend.vector;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;

/// Memory that a kernel needs while it runs, taken and given back like a stack; each thread keeps
/// its own for its next kernel.
final class Scratch {
    private static final long ALIGNMENT = 64;
    private static final long FIRST = 1 << 18;
    // What a thread keeps at most; more than this is given back at once.
    private static final long KEPT = 1 << 24;

    // The only owner of the memory is its thread, so nothing is shared through this field.
    private static final ThreadLocal<Scratch> OF_THREAD = ThreadLocal.withInitial(Scratch::new);

    private final Arena arena = Arena.ofAuto();
    private final List<Arena> extra = new ArrayList<>();
    private final List<Long> extraMarks = new ArrayList<>();
    private long base;
    private long capacity;
    private long top;

    private Scratch() {
        base = arena.allocate(FIRST, ALIGNMENT).address();
        capacity = FIRST;
    }

    static Scratch ofThread() {
        return OF_THREAD.get();
    }

    /// What to hand to [#release] to give back everything taken from now on.
    long mark() {
        return top;
    }

    /// The address of `bytes` bytes, aligned to 64.
    long take(long bytes) {
        long rounded = (bytes + ALIGNMENT - 1) & -ALIGNMENT;
        if (top + rounded <= capacity) {
            long address = base + top;
            top += rounded;
            return address;
        }
        if (top == 0 && rounded <= KEPT) {
            capacity = Math.max(rounded, Math.min(KEPT, 2 * capacity));
            base = arena.allocate(capacity, ALIGNMENT).address();
            top = rounded;
            return base;
        }
        Arena own = Arena.ofConfined();
        extra.add(own);
        extraMarks.add(top);
        // A byte of the stack stands for it, so that marks tell it apart.
        top++;
        return own.allocate(Math.max(1, rounded), ALIGNMENT).address();
    }

    /// Gives back what was taken since `mark`.
    void release(long mark) {
        while (!extra.isEmpty() && extraMarks.getLast() >= mark) {
            extraMarks.removeLast();
            extra.removeLast().close();
        }
        top = mark;
    }
}
