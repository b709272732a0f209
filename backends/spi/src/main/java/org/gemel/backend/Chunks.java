package org.gemel.backend;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;

/// Memory that the system has lent: taken in chunks of equal blocks, given back when all blocks of
/// a chunk are free.
///
/// Nobody gives back in everyday work, as fresh memory costs page faults; the pool asks for it when
/// there is no more of another size.
final class Chunks {
    // A large block is a chunk of its own; small ones share one, or there would be as many as them.
    private static final long CHUNK = 64L << 10;

    /// So much nobody need be asked about, which takes a while.
    static final long UNDOUBTED = 32L << 20;

    /// A chunk: closing its arena gives the memory back.
    private record Chunk(Arena arena, long address, int blocks, long bytes) {}

    private final NavigableMap<Long, Chunk> lent = new ConcurrentSkipListMap<>();
    private final AtomicLong bytes = new AtomicLong();

    /// Whether `size` more bytes are within the limit.
    boolean mayLend(long size) {
        long all = bytes.get() + size;
        return all <= UNDOUBTED || all <= MemoryLimit.BYTES;
    }

    /// A fresh block of `size` bytes; others that came with it go to `free`. Nothing if there is no
    /// memory.
    OptionalLong lend(long size, Deque<Long> free) {
        int blocks = (int) Math.max(1, CHUNK / size);
        if (!mayLend(size * blocks)) {
            return OptionalLong.empty();
        }
        // Shared, as any thread may be the one that gives back.
        Arena arena = Arena.ofShared();
        long address;
        try {
            address = arena.allocate(size * blocks, 64).address();
        } catch (OutOfMemoryError none) {
            arena.close();
            return OptionalLong.empty();
        }
        lent.put(address, new Chunk(arena, address, blocks, size * blocks));
        bytes.addAndGet(size * blocks);
        for (int i = blocks - 1; i > 0; i--) {
            free.addLast(address + i * size);
        }
        return OptionalLong.of(address);
    }

    /// Gives back the chunks all of whose blocks are in `free`, which it takes them out of.
    void giveBack(Deque<Long> free) {
        Map<Chunk, List<Long>> found = new HashMap<>();
        for (Long block = free.pollFirst(); block != null; block = free.pollFirst()) {
            Chunk chunk = lent.floorEntry(block).getValue();
            found.computeIfAbsent(chunk, _ -> new ArrayList<>()).add(block);
        }
        found.forEach((chunk, blocks) -> {
            if (blocks.size() < chunk.blocks) {
                free.addAll(blocks);
            } else {
                lent.remove(chunk.address);
                bytes.addAndGet(-chunk.bytes);
                chunk.arena.close();
            }
        });
    }
}
