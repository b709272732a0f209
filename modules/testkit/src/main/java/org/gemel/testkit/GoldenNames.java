package org.gemel.testkit;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/// What golden operations and their attributes are called too.
final class GoldenNames {
    private static final List<String> FAMILIES =
            List.of("special_", "linalg_", "torch_", "nn_functional_");

    private static final Map<String, String> OPERATIONS =
            Map.ofEntries(
                    Map.entry("subtract", "sub"),
                    Map.entry("multiply", "mul"),
                    Map.entry("divide", "div"),
                    Map.entry("negative", "neg"),
                    Map.entry("greater", "gt"),
                    Map.entry("greater_equal", "ge"),
                    Map.entry("less", "lt"),
                    Map.entry("less_equal", "le"),
                    Map.entry("equal", "eq"),
                    Map.entry("not_equal", "ne"),
                    Map.entry("arccos", "acos"),
                    Map.entry("arccosh", "acosh"),
                    Map.entry("arcsin", "asin"),
                    Map.entry("arcsinh", "asinh"),
                    Map.entry("arctan", "atan"),
                    Map.entry("arctan2", "atan2"),
                    Map.entry("arctanh", "atanh"),
                    Map.entry("fix", "trunc"),
                    Map.entry("clip", "clamp"),
                    Map.entry("expit", "sigmoid"),
                    Map.entry("psi", "digamma"),
                    Map.entry("gammaln", "lgamma"),
                    Map.entry("modified_bessel_i0", "i0"),
                    Map.entry("modified_bessel_i1", "i1"),
                    Map.entry("concat", "cat"),
                    Map.entry("concatenate", "cat"),
                    Map.entry("view", "reshape"),
                    Map.entry("moveaxis", "movedim"),
                    Map.entry("swapaxes", "transpose"),
                    Map.entry("swapdims", "transpose"),
                    Map.entry("broadcast_to", "expand"),
                    Map.entry("split_with_sizes", "split"),
                    Map.entry("inv", "inverse"),
                    Map.entry("ger", "outer"),
                    Map.entry("trapz", "trapezoid"),
                    Map.entry("frobenius_norm", "matrix_norm"),
                    Map.entry("chain_matmul", "multi_dot"),
                    Map.entry("interpolate_nearest-exact", "interpolate_nearest_exact"),
                    Map.entry("upsample_nearest", "interpolate_nearest"),
                    Map.entry("upsample_bilinear", "interpolate_bilinear"),
                    Map.entry("binary_cross_entropy", "bce_loss"),
                    Map.entry("binary_cross_entropy_with_logits", "bce_with_logits"),
                    Map.entry("triplet_margin_with_distance_loss", "triplet_margin_loss"),
                    Map.entry("scaled_dot_product_attention", "sdpa"),
                    Map.entry("normalize", "normalize_l2"));

    // The name that an operation asks by, and how others spell it.
    private static final Map<String, List<String>> ATTRIBUTES =
            Map.ofEntries(
                    Map.entry("dims", List.of("dim", "axis", "axes")),
                    Map.entry("dim", List.of("axis")),
                    Map.entry("dim0", List.of("axis0")),
                    Map.entry("dim1", List.of("axis1")),
                    Map.entry("dim2", List.of("axis2")),
                    Map.entry("keepdim", List.of("keepdims")),
                    Map.entry("correction", List.of("ddof")),
                    Map.entry("shape", List.of("size", "sizes")),
                    Map.entry("shift", List.of("shifts")),
                    Map.entry("groups", List.of("num_groups")),
                    Map.entry("heads", List.of("num_heads")),
                    Map.entry("layers", List.of("num_layers")),
                    Map.entry("causal", List.of("is_causal")),
                    Map.entry("gqa", List.of("enable_gqa")),
                    Map.entry("min", List.of("min_val")),
                    Map.entry("max", List.of("max_val")),
                    Map.entry("to", List.of("dtype")),
                    Map.entry("value", List.of("fill_value")),
                    Map.entry("p", List.of("ord")),
                    Map.entry("eps", List.of("epsilon")),
                    Map.entry("lambd", List.of("lambda")),
                    Map.entry("label_smoothing", List.of("smoothing")),
                    Map.entry("num_classes", List.of("classes")),
                    Map.entry("diagonal", List.of("k")),
                    Map.entry("offset", List.of("diagonal")),
                    Map.entry("reps", List.of("repeats", "sizes", "dims")),
                    Map.entry("n", List.of("exponent")));

    private GoldenNames() {}

    /// The name in the table, if `name` is another for it.
    static String operation(String name) {
        String plain = name.replace('.', '_');
        for (String family : FAMILIES) {
            plain = plain.startsWith(family) ? plain.substring(family.length()) : plain;
        }
        return OPERATIONS.getOrDefault(plain, plain);
    }

    /// A name without case and underscores.
    static String plain(String name) {
        return name.replace("_", "").toLowerCase(Locale.ROOT);
    }

    /// All that an attribute may be called, what it is asked by first.
    static Stream<String> attribute(String name) {
        return Stream.concat(Stream.of(name), ATTRIBUTES.getOrDefault(name, List.of()).stream());
    }
}
