package org.gemel.backend.vector;

/// Running sums of lines that lie side by side: an addition has to wait for the one before it, so
/// some lines run in turns. More would meet in one set of the first cache where a line is as long
/// as a page.
///
/// Sums begin with -0, which changes no element.
final class RunningSums {
    /// Lines that run in turns.
    static final int LINES = 4;

    private RunningSums() {}

    /// Sums four lines of `length` floats, one after the other in memory.
    static void floats(long from, long to, int length, boolean reverse) {
        long line = 4L * length;
        double a = -0.0;
        double b = -0.0;
        double c = -0.0;
        double d = -0.0;
        for (int k = 0; k < length; k++) {
            long at = 4L * (reverse ? length - 1 - k : k);
            a += Memory.getFloat(from + at);
            b += Memory.getFloat(from + at + line);
            c += Memory.getFloat(from + at + 2 * line);
            d += Memory.getFloat(from + at + 3 * line);
            Memory.setFloat(to + at, (float) a);
            Memory.setFloat(to + at + line, (float) b);
            Memory.setFloat(to + at + 2 * line, (float) c);
            Memory.setFloat(to + at + 3 * line, (float) d);
        }
    }

    /// Sums four lines of `length` doubles, one after the other in memory.
    static void doubles(long from, long to, int length, boolean reverse) {
        long line = 8L * length;
        double a = -0.0;
        double b = -0.0;
        double c = -0.0;
        double d = -0.0;
        for (int k = 0; k < length; k++) {
            long at = 8L * (reverse ? length - 1 - k : k);
            a += Memory.getDouble(from + at);
            b += Memory.getDouble(from + at + line);
            c += Memory.getDouble(from + at + 2 * line);
            d += Memory.getDouble(from + at + 3 * line);
            Memory.setDouble(to + at, a);
            Memory.setDouble(to + at + line, b);
            Memory.setDouble(to + at + 2 * line, c);
            Memory.setDouble(to + at + 3 * line, d);
        }
    }
}
