package org.gemel.backend.vector;

/// Which generated code is worth waiting for.
///
/// Interpreted, vector code takes some hundred times as long as compiled by C2, the JIT's last
/// stage. Code for small tensors rather runs like that for a while than to wait; for large ones, to
/// wait takes less time. So their code has a class of its own, whose name begins with `Large`:
/// flags of the launcher make the JIT compile those after a few calls, by C2 at once, and callers
/// wait. Without the flags, they are compiled as all others.
final class LargeWork {
    /// Vector operations that take longer to interpret than to compile: about 0.06 s.
    private static final long STEPS = 65_536;

    /// Products are worth more, as their code takes longer to compile.
    private static final long PRODUCTS = 1_500_000;

    // Calls until the JIT compiles, with the flags; without them, not too many.
    private static final int TRIALS = 100;

    private LargeWork() {}

    /// Whether to wait for a loop over `elements` elements, of `weight` operations each.
    static boolean loop(long elements, int weight) {
        return elements / GemmLane.F32.length * (1 + weight) >= STEPS;
    }

    /// Whether to wait for a micro-kernel that has `steps` vectors to multiply and add.
    static boolean product(double steps) {
        return steps >= PRODUCTS;
    }

    /// The name for a class of generated code.
    static String name(boolean large, String name) {
        return large ? "Large" + name : name;
    }

    /// Calls code on memory of no importance until the JIT compiles it: on a long `k`, it would
    /// compile the loop that is under way first, for this one time.
    static void practise(Runnable call) {
        for (int i = 0; i < TRIALS; i++) {
            call.run();
        }
    }
}
