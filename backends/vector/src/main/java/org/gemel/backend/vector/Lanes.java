package org.gemel.backend.vector;

/// What has no vector form that is the same on every machine: lane by lane, on vectors in memory.
///
/// The first operand, and then the result, is at the address; the second 64 bytes further.
final class Lanes {
    private static final int SECOND = 64;

    private Lanes() {}

    static void divideInt(long address, int lanes) {
        for (int i = 0; i < lanes; i++) {
            int b = Memory.getInt(address + SECOND + 4L * i);
            Memory.setInt(address + 4L * i, b == 0 ? 0 : Memory.getInt(address + 4L * i) / b);
        }
    }

    static void divideLong(long address, int lanes) {
        for (int i = 0; i < lanes; i++) {
            long b = Memory.getLong(address + SECOND + 8L * i);
            Memory.setLong(address + 8L * i, b == 0 ? 0 : Memory.getLong(address + 8L * i) / b);
        }
    }

    static void powDouble(long address, int lanes) {
        for (int i = 0; i < lanes; i++) {
            double a = Memory.getDouble(address + 8L * i);
            double b = Memory.getDouble(address + SECOND + 8L * i);
            Memory.setDouble(address + 8L * i, StrictMath.pow(a, b));
        }
    }

    static void powFloat(long address, int lanes) {
        for (int i = 0; i < lanes; i++) {
            double a = Memory.getFloat(address + 4L * i);
            double b = Memory.getFloat(address + SECOND + 4L * i);
            Memory.setFloat(address + 4L * i, (float) StrictMath.pow(a, b));
        }
    }

    static void sinDouble(long address, int lanes) {
        for (int i = 0; i < lanes; i++) {
            double x = Memory.getDouble(address + 8L * i);
            Memory.setDouble(address + 8L * i, StrictMath.sin(x));
        }
    }

    static void sinFloat(long address, int lanes) {
        for (int i = 0; i < lanes; i++) {
            double x = Memory.getFloat(address + 4L * i);
            Memory.setFloat(address + 4L * i, (float) StrictMath.sin(x));
        }
    }

    static void cosDouble(long address, int lanes) {
        for (int i = 0; i < lanes; i++) {
            double x = Memory.getDouble(address + 8L * i);
            Memory.setDouble(address + 8L * i, StrictMath.cos(x));
        }
    }

    static void cosFloat(long address, int lanes) {
        for (int i = 0; i < lanes; i++) {
            double x = Memory.getFloat(address + 4L * i);
            Memory.setFloat(address + 4L * i, (float) StrictMath.cos(x));
        }
    }
}
