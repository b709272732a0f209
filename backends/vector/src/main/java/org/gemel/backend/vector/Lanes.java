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

    static void erfDouble(long address, int lanes) {
        for (int i = 0; i < lanes; i++) {
            double x = Memory.getDouble(address + 8L * i);
            Memory.setDouble(address + 8L * i, erf(x));
        }
    }

    static void erfFloat(long address, int lanes) {
        for (int i = 0; i < lanes; i++) {
            double x = Memory.getFloat(address + 4L * i);
            Memory.setFloat(address + 4L * i, (float) erf(x));
        }
    }

    /// Near zero the Maclaurin series, far out the continued fraction of the complement.
    private static double erf(double x) {
        double a = Math.abs(x);
        if (!(a <= 6)) {
            return Math.signum(x);
        }
        if (a < 2.5) {
            double term = x;
            double sum = x;
            for (int n = 1; n < 200 && Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
                term *= 2 * x * x / (2 * n + 1);
                sum += term;
            }
            return 2 / Math.sqrt(Math.PI) * StrictMath.exp(-x * x) * sum;
        }
        double fraction = a;
        for (int n = 120; n >= 1; n--) {
            fraction = a + n / 2.0 / fraction;
        }
        double rest = StrictMath.exp(-a * a) / Math.sqrt(Math.PI) / fraction;
        return Math.copySign(1 - rest, x);
    }
}
