package org.gemel.compiler;

import java.util.List;
import org.gemel.backend.Backend;
import org.gemel.backend.Kernel;

/// Kernels that run at the same time: each lane on a thread, the kernels of a lane in order.
///
/// A kernel that would share its work among threads finds them taken, and does all of it on its
/// own.
final class SideBySide {
    private final Backend backend;
    private final Kernel[] kernels;
    // Where in the frame the first kernel's addresses are, and where each lane ends.
    private final int first;
    private final int[] ends;

    private SideBySide(Backend backend, Kernel[] kernels, int first, int[] ends) {
        this.backend = backend;
        this.kernels = kernels;
        this.first = first;
        this.ends = ends;
    }

    /// The kernels of `group`, whose launches follow each other.
    static SideBySide of(Schedule.Group group, List<Kernel> kernels, Backend backend) {
        int first = group.lanes().getFirst()[0];
        int[] ends = new int[group.lanes().size()];
        int end = 0;
        for (int i = 0; i < ends.length; i++) {
            end += group.lanes().get(i).length;
            ends[i] = end;
        }
        Kernel[] own = kernels.subList(first, first + end).toArray(Kernel[]::new);
        return new SideBySide(backend, own, first, ends);
    }

    /// Runs all.
    ///
    /// @param frame for each kernel of the plan its addresses
    void run(long[][] frame) {
        backend.workers().forRange(ends.length, 1, (begin, end) -> lanes(frame, begin, end));
    }

    private void lanes(long[][] frame, long begin, long end) {
        int from = begin == 0 ? 0 : ends[(int) begin - 1];
        for (int i = from; i < ends[(int) end - 1]; i++) {
            kernels[i].run(frame[first + i]);
        }
    }
}
