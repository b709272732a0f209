package org.gemel.bench.report;

import java.util.Locale;

/// Times, sizes and counts as a reader wants them: three digits and a unit.
enum Units {
    NANOSECONDS("ns", 1),
    MICROSECONDS("us", 1e3),
    MILLISECONDS("ms", 1e6),
    SECONDS("s", 1e9);

    private final String symbol;
    private final double nanos;

    Units(String symbol, double nanos) {
        this.symbol = symbol;
        this.nanos = nanos;
    }

    /// The unit in which a time reads best.
    static Units of(double nanos) {
        Units best = NANOSECONDS;
        for (Units unit : values()) {
            if (nanos >= unit.nanos) {
                best = unit;
            }
        }
        return best;
    }

    /// A time in this unit, without its symbol.
    String number(double time) {
        return significant(time / nanos);
    }

    /// A time in the unit in which it reads best.
    static String time(double nanos) {
        Units unit = of(nanos);
        return unit.number(nanos) + " " + unit.symbol;
    }

    /// A size in bytes.
    static String size(long bytes) {
        if (bytes < 1024) {
            return bytes + " B";
        }
        String[] symbols = {"KiB", "MiB", "GiB", "TiB"};
        double size = bytes / 1024.0;
        int i = 0;
        while (size >= 1024 && i < symbols.length - 1) {
            size /= 1024;
            i++;
        }
        return String.format(Locale.ROOT, "%.1f %s", size, symbols[i]);
    }

    /// A count that may be an average.
    static String count(double value) {
        return value == Math.rint(value)
                ? grouped((long) value)
                : String.format(Locale.ROOT, "%,.1f", value);
    }

    /// A count with its thousands set apart.
    static String grouped(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    private static String significant(double value) {
        int decimals = value < 10 ? 3 : value < 100 ? 2 : value < 1000 ? 1 : 0;
        return String.format(Locale.ROOT, "%,." + decimals + "f", value);
    }
}
