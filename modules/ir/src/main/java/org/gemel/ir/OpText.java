package org.gemel.ir;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.gemel.TensorType;
import org.gemel.op.ArgReduce;
import org.gemel.op.ArgSort;
import org.gemel.op.Binary;
import org.gemel.op.Cast;
import org.gemel.op.CheckIndex;
import org.gemel.op.Cholesky;
import org.gemel.op.Compare;
import org.gemel.op.Concat;
import org.gemel.op.Conv;
import org.gemel.op.Determinant;
import org.gemel.op.Eigen;
import org.gemel.op.Expand;
import org.gemel.op.Fill;
import org.gemel.op.Gather;
import org.gemel.op.Iota;
import org.gemel.op.Logical;
import org.gemel.op.MatMul;
import org.gemel.op.Pad;
import org.gemel.op.Permute;
import org.gemel.op.Pool;
import org.gemel.op.Primitive;
import org.gemel.op.Qr;
import org.gemel.op.Random;
import org.gemel.op.Recurrence;
import org.gemel.op.Reduce;
import org.gemel.op.Reshape;
import org.gemel.op.Scan;
import org.gemel.op.Scatter;
import org.gemel.op.Select;
import org.gemel.op.SingularValues;
import org.gemel.op.Slice;
import org.gemel.op.Solve;
import org.gemel.op.TriangularSolve;
import org.gemel.op.Unary;
import org.gemel.op.Windows;
import org.jspecify.annotations.Nullable;

/// What operations look like in the text of a graph: both directions, side by side.
final class OpText {
    private static final Map<String, Primitive> PLAIN = plain();

    private static Map<String, Primitive> plain() {
        Map<String, Primitive> plain = new HashMap<>();
        for (Primitive[] table :
                List.<Primitive[]>of(
                        Unary.values(),
                        Binary.values(),
                        Compare.values(),
                        Logical.values(),
                        Select.values(),
                        MatMul.values(),
                        Cholesky.values(),
                        Solve.values(),
                        Determinant.values(),
                        Qr.values(),
                        Eigen.values(),
                        SingularValues.values())) {
            for (Primitive op : table) {
                plain.put(op.label(), op);
            }
        }
        return Map.copyOf(plain);
    }

    private OpText() {}

    /// The attributes of `op` that its type does not tell, each after a blank.
    static String attributes(Primitive op) {
        return switch (op) {
            case Unary _, Binary _, Compare _, Logical _, Select _, MatMul _ -> "";
            case Cholesky _, Solve _, Determinant _, Qr _, Eigen _, SingularValues _ -> "";
            case TriangularSolve(var lower, var unit) ->
                    " lower=" + bit(lower) + " unit=" + bit(unit);
            case Cast _, Reshape _, Expand _, Iota _, Random _ -> "";
            case Permute(var order) -> " order=" + order;
            case Slice(var starts, _, var steps) -> " starts=" + starts + " steps=" + steps;
            case Reduce(_, var axes) -> " axes=" + axes;
            case ArgReduce(_, var axis) -> " axis=" + axis;
            case Pad(_, var starts, var steps) -> " starts=" + starts + " steps=" + steps;
            case Concat(var axis) -> " axis=" + axis;
            case Conv(_, var windows, var groups) -> windows(windows) + " groups=" + groups;
            case Pool(_, var windows) -> windows(windows);
            case Fill(_, var value) -> " value=" + number(value);
            case CheckIndex(var bound, var wraps, var what) ->
                    " bound=" + bound + (wraps ? " wraps=1" : "") + " what=" + quote(what);
            case Gather(var axis) -> " axis=" + axis;
            case Scatter(_, var axis) -> " axis=" + axis;
            case Scan(_, var axis, var reverse) -> along(axis, reverse);
            case Recurrence(var axis, var reverse) -> along(axis, reverse);
            case ArgSort(var axis, var descending, _) ->
                    " axis=" + axis + (descending ? " descending=1" : "");
        };
    }

    private static String along(int axis, boolean reverse) {
        return " axis=" + axis + (reverse ? " reverse=1" : "");
    }

    private static boolean flag(Attributes attributes, String name) {
        return attributes.has(name) && attributes.integer(name) != 0;
    }

    /// The operation named `label` with the given attributes, whose result has type `type`, or
    /// nothing if there is none.
    static Optional<Primitive> parse(String label, Attributes attributes, TensorType type) {
        // A maximum of two tensors has no axes, one along dimensions does.
        if (PLAIN.containsKey(label) && !attributes.has("axes")) {
            return Optional.of(PLAIN.get(label));
        }
        return Optional.ofNullable(
                switch (label) {
                    case "cast" -> new Cast(type.dtype());
                    case "reshape" -> new Reshape(type.shape());
                    case "expand" -> new Expand(type.shape());
                    case "iota" -> new Iota(type);
                    case "random" -> new Random(type.shape());
                    case "permute" -> new Permute(attributes.integers("order"));
                    case "slice" ->
                            new Slice(
                                    attributes.integers("starts"),
                                    Arrays.stream(type.shape().dims()).boxed().toList(),
                                    attributes.integers("steps"));
                    case "sum", "max", "min", "prod" ->
                            new Reduce(
                                    Reduce.Kind.valueOf(label.toUpperCase(Locale.ROOT)),
                                    attributes.integers("axes"));
                    case "argmax", "argmin" ->
                            new ArgReduce(
                                    ArgReduce.Kind.valueOf(label.toUpperCase(Locale.ROOT)),
                                    attributes.integer("axis"));
                    case "pad" ->
                            new Pad(
                                    type.shape(),
                                    attributes.integers("starts"),
                                    attributes.integers("steps"));
                    case "concat" -> new Concat(attributes.integer("axis"));
                    case "fill" -> new Fill(type, attributes.real("value"));
                    case "triangular_solve" ->
                            new TriangularSolve(
                                    attributes.integer("lower") == 1,
                                    attributes.integer("unit") == 1);
                    case "check_index" ->
                            new CheckIndex(
                                    attributes.integer("bound"),
                                    flag(attributes, "wraps"),
                                    attributes.text("what"));
                    case "gather" -> new Gather(attributes.integer("axis"));
                    case "scatter_set", "scatter_add" ->
                            new Scatter(
                                    Scatter.Kind.valueOf(
                                            label.substring("scatter_".length())
                                                    .toUpperCase(Locale.ROOT)),
                                    attributes.integer("axis"));
                    case "cumsum", "cumprod", "cummax", "cummin" ->
                            new Scan(
                                    Scan.Kind.valueOf(
                                            label.substring("cum".length())
                                                    .toUpperCase(Locale.ROOT)),
                                    attributes.integer("axis"),
                                    flag(attributes, "reverse"));
                    case "recurrence" ->
                            new Recurrence(attributes.integer("axis"), flag(attributes, "reverse"));
                    case "argsort" -> {
                        int axis = attributes.integer("axis");
                        boolean descending = flag(attributes, "descending");
                        yield axis < type.shape().rank()
                                ? new ArgSort(axis, descending, type.shape().dim(axis))
                                : null;
                    }
                    default -> windowed(label, attributes);
                });
    }

    private static String windows(Windows windows) {
        return " input=%s output=%s kernel=%s stride=%s before=%s dilation=%s"
                .formatted(
                        windows.input(),
                        windows.output(),
                        windows.kernel(),
                        windows.stride(),
                        windows.before(),
                        windows.dilation());
    }

    private static Windows windows(Attributes attributes) {
        return new Windows(
                attributes.integers("input"),
                attributes.integers("output"),
                attributes.integers("kernel"),
                attributes.integers("stride"),
                attributes.integers("before"),
                attributes.integers("dilation"));
    }

    // Convolutions and poolings, whose kinds name themselves.
    private static @Nullable Primitive windowed(String label, Attributes attributes) {
        for (Conv.Kind kind : Conv.Kind.values()) {
            if (kind.label().equals(label)) {
                return new Conv(kind, windows(attributes), attributes.integer("groups"));
            }
        }
        for (Pool.Kind kind : Pool.Kind.values()) {
            if (kind.label().equals(label)) {
                return new Pool(kind, windows(attributes));
            }
        }
        return null;
    }

    /// The attributes that stand in a line; asking for one that is missing is an error there.
    interface Attributes {
        boolean has(String name);

        List<Integer> integers(String name);

        int integer(String name);

        double real(String name);

        String text(String name);
    }

    // A NaN with a payload of its own as its bits.
    private static String number(double value) {
        boolean odd =
                Double.isNaN(value)
                        && Double.doubleToRawLongBits(value)
                                != Double.doubleToRawLongBits(Double.NaN);
        return odd ? "0x%016x".formatted(Double.doubleToRawLongBits(value)) : "" + value;
    }

    private static int bit(boolean set) {
        return set ? 1 : 0;
    }

    private static String quote(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
    }
}
