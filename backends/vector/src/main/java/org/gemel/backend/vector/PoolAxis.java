package org.gemel.backend.vector;

import org.gemel.op.Windows;

/// The places of each window along one dimension that lie in the input.
///
/// @param places the size of the input
/// @param dilation the distance between neighbours of a window
/// @param firsts the first place of each window
/// @param counts how many there are
/// @param inner which windows lie in the input as a whole, equally far apart
record PoolAxis(int places, int dilation, int[] firsts, int[] counts, Inner inner) {
    /// The windows `[begin, end)`, each with `taps` places, `step` places from one to the next.
    record Inner(int begin, int end, int taps, int step) {}

    static PoolAxis of(Windows windows, int axis) {
        int n = windows.input().get(axis);
        int gap = windows.dilation().get(axis);
        int[] firsts = new int[windows.output().get(axis)];
        int[] counts = new int[firsts.length];
        for (int i = 0; i < firsts.length; i++) {
            int start = windows.start(axis, i);
            int skipped = start < 0 ? Math.ceilDiv(-start, gap) : 0;
            firsts[i] = start + skipped * gap;
            int inside = Math.max(0, Math.ceilDiv(n - firsts[i], gap));
            counts[i] = Math.clamp(windows.length(axis, i) - skipped, 0, inside);
        }
        return new PoolAxis(n, gap, firsts, counts, inner(firsts, counts, windows, axis));
    }

    private static Inner inner(int[] firsts, int[] counts, Windows windows, int axis) {
        int taps = windows.kernel().get(axis);
        int step = windows.stride().get(axis);
        if (step == 0) {
            // windows of several sizes
            return new Inner(0, 0, taps, 1);
        }
        int begin = 0;
        while (begin < firsts.length && counts[begin] < taps) {
            begin++;
        }
        int end = begin;
        while (end < firsts.length
                && counts[end] == taps
                && (end == begin || firsts[end] - firsts[end - 1] == step)) {
            end++;
        }
        return new Inner(begin, end, taps, step);
    }

    int windows() {
        return firsts.length;
    }

    int first(int window) {
        return firsts[window];
    }

    int count(int window) {
        return counts[window];
    }

    int place(int window, int tap) {
        return firsts[window] + tap * dilation;
    }
}
