package org.gemel;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/// Prints tensors: values aligned, long dimensions elided.
final class TensorText {
    private static final int EDGE = 3;
    private static final int LONG = 10;
    private static final long TOO_MANY = 1 << 24;

    private TensorText() {}

    static String of(Tensor tensor) {
        String symbolic;
        try {
            symbolic = tensor.value().placeholder();
        } catch (IllegalStateException released) {
            symbolic = "given back";
        }
        if (!symbolic.isEmpty()) {
            return tensor.type() + " (" + symbolic + ")";
        }
        if (tensor.size() > TOO_MANY) {
            return tensor.type().toString();
        }
        double[] values = tensor.toDoubleArray();
        Shape shape = tensor.shape();
        List<Integer> shown = new ArrayList<>();
        collect(shape, 0, 0, shown);
        boolean real = tensor.dtype().isFloating();
        boolean whole = shown.stream().allMatch(i -> values[i] == Math.rint(values[i]) || !real);
        List<String> texts =
                shown.stream().map(i -> number(values[i], tensor.dtype(), whole)).toList();
        int width = texts.stream().mapToInt(String::length).max().orElse(0);
        StringBuilder out = new StringBuilder();
        write(shape, 0, out, texts.iterator(), width);
        return out.append(shape.rank() == 0 ? " " : "  ").append(tensor.type()).toString();
    }

    private static String number(double value, DType dtype, boolean whole) {
        if (dtype == DType.BOOL) {
            return value != 0 ? "true" : "false";
        }
        if (!dtype.isFloating()) {
            return Long.toString((long) value);
        }
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            return Double.toString(value);
        }
        double size = Math.abs(value);
        if (size != 0 && (size < 1e-4 || size >= 1e7)) {
            return String.format(Locale.ROOT, "%.4e", value);
        }
        return String.format(Locale.ROOT, whole ? "%.0f." : "%.4f", value);
    }

    private static int[] places(int dim) {
        return dim <= LONG
                ? IntStream.range(0, dim).toArray()
                : IntStream.concat(IntStream.range(0, EDGE), IntStream.range(dim - EDGE, dim))
                        .toArray();
    }

    private static void collect(Shape shape, int axis, int index, List<Integer> shown) {
        if (axis == shape.rank()) {
            shown.add(index);
            return;
        }
        for (int place : places(shape.dim(axis))) {
            collect(shape, axis + 1, index * shape.dim(axis) + place, shown);
        }
    }

    private static void write(
            Shape shape, int axis, StringBuilder out, Iterator<String> texts, int width) {
        if (axis == shape.rank()) {
            String text = texts.next();
            out.repeat(' ', width - text.length()).append(text);
            return;
        }
        int[] places = places(shape.dim(axis));
        boolean innermost = axis == shape.rank() - 1;
        String separator = innermost ? ", " : ",\n" + " ".repeat(axis + 1);
        out.append('[');
        for (int i = 0; i < places.length; i++) {
            if (i > 0) {
                out.append(separator);
            }
            if (i > 0 && places[i] != places[i - 1] + 1) {
                out.append("...").append(separator);
            }
            write(shape, axis + 1, out, texts, width);
        }
        out.append(']');
    }
}
