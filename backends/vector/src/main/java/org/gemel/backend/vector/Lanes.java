package org.gemel.backend.vector;

import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.LongBinaryOperator;
import org.gemel.op.Binary;

/// What has no vector form that is the same on every machine: lane by lane, on vectors in memory.
///
/// The first operand, and then the result, is at the address; the second 64 bytes further.
final class Lanes {
    /// How far the second operand is from the first, in bytes: a vector's size.
    static final int SECOND = 64;

    private Lanes() {}

    private static void doubles(long address, int lanes, DoubleUnaryOperator f) {
        for (int i = 0; i < lanes; i++) {
            long at = address + 8L * i;
            Memory.setDouble(at, f.applyAsDouble(Memory.getDouble(at)));
        }
    }

    private static void floats(long address, int lanes, DoubleUnaryOperator f) {
        for (int i = 0; i < lanes; i++) {
            long at = address + 4L * i;
            Memory.setFloat(at, (float) f.applyAsDouble(Memory.getFloat(at)));
        }
    }

    private static void doubles(long address, int lanes, DoubleBinaryOperator f) {
        for (int i = 0; i < lanes; i++) {
            long at = address + 8L * i;
            double b = Memory.getDouble(at + SECOND);
            Memory.setDouble(at, f.applyAsDouble(Memory.getDouble(at), b));
        }
    }

    private static void floats(long address, int lanes, DoubleBinaryOperator f) {
        for (int i = 0; i < lanes; i++) {
            long at = address + 4L * i;
            double b = Memory.getFloat(at + SECOND);
            Memory.setFloat(at, (float) f.applyAsDouble(Memory.getFloat(at), b));
        }
    }

    private static void longs(long address, int lanes, LongBinaryOperator f) {
        for (int i = 0; i < lanes; i++) {
            long at = address + 8L * i;
            Memory.setLong(at, f.applyAsLong(Memory.getLong(at), Memory.getLong(at + SECOND)));
        }
    }

    private static void ints(long address, int lanes, LongBinaryOperator f) {
        for (int i = 0; i < lanes; i++) {
            long at = address + 4L * i;
            long b = Memory.getInt(at + SECOND);
            Memory.setInt(at, (int) f.applyAsLong(Memory.getInt(at), b));
        }
    }

    static void powInt(long address, int lanes) {
        ints(address, lanes, Binary.POW::of);
    }

    static void powLong(long address, int lanes) {
        longs(address, lanes, Binary.POW::of);
    }

    static void fmodDouble(long address, int lanes) {
        doubles(address, lanes, (double a, double b) -> a % b);
    }

    static void fmodFloat(long address, int lanes) {
        floats(address, lanes, (double a, double b) -> a % b);
    }

    static void sinDouble(long address, int lanes) {
        doubles(address, lanes, (double x) -> StrictMath.sin(x));
    }

    static void sinFloat(long address, int lanes) {
        floats(address, lanes, (double x) -> StrictMath.sin(x));
    }

    static void cosDouble(long address, int lanes) {
        doubles(address, lanes, (double x) -> StrictMath.cos(x));
    }

    static void cosFloat(long address, int lanes) {
        floats(address, lanes, (double x) -> StrictMath.cos(x));
    }

    static void tanDouble(long address, int lanes) {
        doubles(address, lanes, (double x) -> StrictMath.tan(x));
    }

    static void tanFloat(long address, int lanes) {
        floats(address, lanes, (double x) -> StrictMath.tan(x));
    }
}
