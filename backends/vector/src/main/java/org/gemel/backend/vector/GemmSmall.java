package org.gemel.backend.vector;

/// Matrix products too small to pack: the definition, element by element.
final class GemmSmall {
    private GemmSmall() {}

    static void run(GemmLane lane, GemmTask task) {
        for (int i = 0; i < task.m(); i++) {
            long a = task.a() + i * task.rowA();
            long c = task.c() + i * task.rowC();
            for (int j = 0; j < task.n(); j++) {
                long b = task.b() + j * task.columnB();
                switch (lane) {
                    case F32 -> Memory.setFloat(c + 4L * j, dotF32(task, a, b));
                    case F64 -> Memory.setDouble(c + 8L * j, dotF64(task, a, b));
                }
            }
        }
    }

    private static float dotF32(GemmTask task, long a, long b) {
        float sum = 0;
        for (int p = 0; p < task.k(); p++) {
            sum =
                    Math.fma(
                            Memory.getFloat(a + p * task.columnA()),
                            Memory.getFloat(b + p * task.rowB()),
                            sum);
        }
        return sum;
    }

    private static double dotF64(GemmTask task, long a, long b) {
        double sum = 0;
        for (int p = 0; p < task.k(); p++) {
            sum =
                    Math.fma(
                            Memory.getDouble(a + p * task.columnA()),
                            Memory.getDouble(b + p * task.rowB()),
                            sum);
        }
        return sum;
    }
}
