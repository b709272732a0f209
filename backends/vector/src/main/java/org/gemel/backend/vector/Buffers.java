package org.gemel.backend.vector;

import org.gemel.DType;

/// Elements in Java arrays, as wide as they come: for loops that the JIT vectorizes, or whose order
/// leaves nothing to vectorize.
final class Buffers {
    private Buffers() {}

    /// Reads `n` floating-point elements.
    static void load(DType dtype, long address, double[] to, int n) {
        if (dtype == DType.F32) {
            for (int i = 0; i < n; i++) {
                to[i] = Memory.getFloat(address + 4L * i);
            }
        } else {
            for (int i = 0; i < n; i++) {
                to[i] = Memory.getDouble(address + 8L * i);
            }
        }
    }

    /// Writes `n` floating-point elements, rounded.
    static void store(DType dtype, double[] from, long address, int n) {
        if (dtype == DType.F32) {
            for (int i = 0; i < n; i++) {
                Memory.setFloat(address + 4L * i, (float) from[i]);
            }
        } else {
            for (int i = 0; i < n; i++) {
                Memory.setDouble(address + 8L * i, from[i]);
            }
        }
    }

    /// Reads `n` integer elements.
    static void load(DType dtype, long address, long[] to, int n) {
        if (dtype == DType.I32) {
            for (int i = 0; i < n; i++) {
                to[i] = Memory.getInt(address + 4L * i);
            }
        } else {
            for (int i = 0; i < n; i++) {
                to[i] = Memory.getLong(address + 8L * i);
            }
        }
    }

    /// Writes `n` integer elements, wrapped.
    static void store(DType dtype, long[] from, long address, int n) {
        if (dtype == DType.I32) {
            for (int i = 0; i < n; i++) {
                Memory.setInt(address + 4L * i, (int) from[i]);
            }
        } else {
            for (int i = 0; i < n; i++) {
                Memory.setLong(address + 8L * i, from[i]);
            }
        }
    }
}
