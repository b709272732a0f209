package org.gemel.backend.vector;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;

/// Memory that a kernel needs while it runs, taken and given back like a stack; each thread keeps
/// its own for its next kernel.
///
/// The stack is a list of blocks, each larger than the one before: what does not fit into a block
/// goes to the next one, which stays for the next time.
final class Scratch {
    private static final long ALIGNMENT = 64;
    private static final long FIRST = 1 << 18;
    // What a thread keeps at most; more than this is given back at once.
    private static final long KEPT = 1 << 25;
    private static final int BLOCK_SHIFT = 48;

    // The only owner of the memory is its thread, so nothing is shared through this field.
    private static final ThreadLocal<Scratch> OF_THREAD = ThreadLocal.withInitial(Scratch::new);

    /// Memory of one arena, which is closed if the block is too large to keep.
    private record Block(Arena arena, long address, long bytes) {
        static Block of(Arena arena, long bytes) {
            return new Block(arena, arena.allocate(bytes, ALIGNMENT).address(), bytes);
        }
    }

    private final List<Block> blocks = new ArrayList<>();
    private final List<Block> passing = new ArrayList<>();
    private final List<Long> passingMarks = new ArrayList<>();
    private int current;
    private long top;

    private Scratch() {
        blocks.add(Block.of(Arena.ofAuto(), FIRST));
    }

    static Scratch ofThread() {
        return OF_THREAD.get();
    }

    /// What to hand to [#release] to give back everything taken from now on.
    long mark() {
        return (long) current << BLOCK_SHIFT | top;
    }

    /// The address of `bytes` bytes, aligned to 64.
    long take(long bytes) {
        long rounded = (bytes + ALIGNMENT - 1) & -ALIGNMENT;
        if (top + rounded > blocks.get(current).bytes) {
            long kept = 0;
            for (int i = 0; i <= current; i++) {
                kept += blocks.get(i).bytes;
            }
            if (kept + rounded > KEPT) {
                return passing(rounded);
            }
            next(rounded, KEPT - kept);
        }
        long address = blocks.get(current).address + top;
        top += rounded;
        return address;
    }

    // Nothing is taken behind the current block, so one that is too small can go.
    private void next(long bytes, long most) {
        int next = current + 1;
        if (next < blocks.size() && blocks.get(next).bytes < bytes) {
            blocks.subList(next, blocks.size()).clear();
        }
        if (next == blocks.size()) {
            long wanted = Math.max(bytes, 2 * blocks.get(current).bytes);
            blocks.add(Block.of(Arena.ofAuto(), Math.min(most, wanted)));
        }
        current = next;
        top = 0;
    }

    private long passing(long bytes) {
        Block block = Block.of(Arena.ofConfined(), Math.max(1, bytes));
        passing.add(block);
        passingMarks.add(mark());
        // A line of the stack stands for it, so that marks tell it apart.
        top += ALIGNMENT;
        return block.address;
    }

    /// Gives back what was taken since `mark`.
    void release(long mark) {
        while (!passing.isEmpty() && passingMarks.getLast() >= mark) {
            passingMarks.removeLast();
            passing.removeLast().arena.close();
        }
        current = (int) (mark >>> BLOCK_SHIFT);
        top = mark & ((1L << BLOCK_SHIFT) - 1);
    }
}
