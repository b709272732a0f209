package org.gemel.testkit;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.gemel.Convolution;
import org.gemel.GridSampling;
import org.gemel.Pooling;
import org.gemel.Tensor;
import org.gemel.testkit.GoldenOps.Table;

/// Golden convolutions, poolings, paddings and resizings.
final class GoldenWindows {
    private GoldenWindows() {}

    static void fill(Table ops) {
        for (int dims = 1; dims <= 3; dims++) {
            int rank = dims;
            ops.put("conv" + rank + "d", c -> convolution(c, rank));
            ops.put("conv_transpose" + rank + "d", c -> transposed(c, rank));
            ops.put("avg_pool" + rank + "d", c -> average(c, rank));
            ops.put("max_unpool" + rank + "d", c -> unpooled(c, rank));
            ops.put("lp_pool" + rank + "d", c -> power(c, rank));
            ops.put("adaptive_avg_pool" + rank + "d", c -> adaptiveAverage(c, rank));
        }
        ops.put("interpolate", GoldenWindows::resized);
        ops.put("upsample", GoldenWindows::resized);
        ops.put("pad", GoldenWindows::padded);
        ops.put("constant_pad_nd", GoldenWindows::padded);
        ops.put("interpolate_nearest", GoldenWindows::nearest);
        ops.put("interpolate_nearest_exact", GoldenWindows::nearestExact);
        ops.put("interpolate_bicubic", GoldenWindows::cubic);
        for (String name : List.of("linear", "bilinear", "trilinear")) {
            ops.put("interpolate_" + name, GoldenWindows::linear);
        }
        ops.put("grid_sample", GoldenWindows::gridSample);
        ops.put("affine_grid", GoldenWindows::affineGrid);
        ops.put("interpolate_area", GoldenWindows::area);
        ops.put("im2col", c -> c.in("x").im2col(c.integers("kernel_size"), windows(c)));
        ops.put("col2im", GoldenWindows::folded);
        ops.put("fold", GoldenWindows::folded);
        ops.put("pixel_shuffle", c -> c.in("x").pixelShuffle(factor(c)));
        ops.put("pixel_unshuffle", c -> c.in("x").pixelUnshuffle(factor(c)));
        ops.put("pad_constant", c -> c.in("x").pad(side(c, 0), side(c, 1), c.number("value", 0)));
        ops.put("pad_reflect", c -> c.in("x").padReflect(side(c, 0), side(c, 1)));
        ops.put("pad_replicate", c -> c.in("x").padReplicate(side(c, 0), side(c, 1)));
        ops.put("pad_circular", c -> c.in("x").padCircular(side(c, 0), side(c, 1)));
    }

    static Map<String, Function<Call, List<Tensor>>> several() {
        Map<String, Function<Call, List<Tensor>>> all = new TreeMap<>();
        for (int dims = 1; dims <= 3; dims++) {
            int rank = dims;
            all.put("max_pool" + rank + "d", c -> largest(c, rank));
            all.put("adaptive_max_pool" + rank + "d", c -> adaptiveLargest(c, rank));
            all.put("max_pool" + rank + "d_with_indices", c -> indexedLargest(c, rank));
        }
        return all;
    }

    private static int[] integers(Call call, String name, int... otherwise) {
        return call.has(name) ? call.integers(name) : otherwise;
    }

    private static Convolution windows(Call call) {
        Convolution how =
                Convolution.of()
                        .stride(integers(call, "stride", 1))
                        .dilation(integers(call, "dilation", 1))
                        .groups(call.integer("groups", 1));
        if (call.isWord("padding")) {
            return call.oneOf("padding", "valid", "same").equals("same") ? how.same() : how;
        }
        return how.padding(integers(call, "padding", 0));
    }

    private static Tensor convolution(Call call, int rank) {
        Tensor x = call.in("x");
        Tensor weight = call.in("weight");
        Optional<Tensor> bias = call.optional("bias");
        Convolution how = windows(call);
        return switch (rank) {
            case 1 ->
                    bias.map(b -> x.conv1d(weight, b, how)).orElseGet(() -> x.conv1d(weight, how));
            case 2 ->
                    bias.map(b -> x.conv2d(weight, b, how)).orElseGet(() -> x.conv2d(weight, how));
            default ->
                    bias.map(b -> x.conv3d(weight, b, how)).orElseGet(() -> x.conv3d(weight, how));
        };
    }

    private static Tensor transposed(Call call, int rank) {
        Tensor x = call.in("x");
        Tensor weight = call.in("weight");
        Optional<Tensor> bias = call.optional("bias");
        Convolution how = windows(call).outputPadding(integers(call, "output_padding", 0));
        return switch (rank) {
            case 1 ->
                    bias.map(b -> x.convTranspose1d(weight, b, how))
                            .orElseGet(() -> x.convTranspose1d(weight, how));
            case 2 ->
                    bias.map(b -> x.convTranspose2d(weight, b, how))
                            .orElseGet(() -> x.convTranspose2d(weight, how));
            default ->
                    bias.map(b -> x.convTranspose3d(weight, b, how))
                            .orElseGet(() -> x.convTranspose3d(weight, how));
        };
    }

    private static Pooling pooling(Call call) {
        Pooling how =
                Pooling.of(call.integers("kernel_size"))
                        .padding(integers(call, "padding", 0))
                        .dilation(integers(call, "dilation", 1))
                        .ceiling(call.flag("ceil_mode"));
        int[] stride = integers(call, "stride");
        return stride.length == 0 ? how : how.stride(stride);
    }

    private static List<Tensor> indexedLargest(Call call, int rank) {
        Tensor x = call.in("x");
        Pooling how = pooling(call);
        return switch (rank) {
            case 1 -> x.maxPool1dWithIndices(how);
            case 2 -> x.maxPool2dWithIndices(how);
            default -> x.maxPool3dWithIndices(how);
        };
    }

    private static List<Tensor> largest(Call call, int rank) {
        Tensor x = call.in("x");
        Pooling how = pooling(call);
        if (call.flag("return_indices")) {
            return indexedLargest(call, rank);
        }
        return List.of(
                switch (rank) {
                    case 1 -> x.maxPool1d(how);
                    case 2 -> x.maxPool2d(how);
                    default -> x.maxPool3d(how);
                });
    }

    // Where each window began, unless told, the output is as large as windows need.
    private static Tensor unpooled(Call call, int rank) {
        Tensor x = call.in("x");
        Tensor places = call.optional("indices").orElseGet(() -> call.in("index"));
        int[] kernel = spread(call.integers("kernel_size"), rank);
        int[] stride = spread(integers(call, "stride", kernel), rank);
        int[] padding = spread(integers(call, "padding", 0), rank);
        int[] size = new int[rank];
        for (int d = 0; d < rank; d++) {
            int count = x.shape().dim(d - rank);
            size[d] = (count - 1) * stride[d] - 2 * padding[d] + kernel[d];
        }
        if (call.has("output_size")) {
            int[] given = call.integers("output_size");
            size = Arrays.copyOfRange(given, given.length - rank, given.length);
        }
        return switch (rank) {
            case 1 -> x.maxUnpool1d(places, size);
            case 2 -> x.maxUnpool2d(places, size);
            default -> x.maxUnpool3d(places, size);
        };
    }

    private static int[] spread(int[] numbers, int rank) {
        if (numbers.length == 1) {
            int[] all = new int[rank];
            Arrays.fill(all, numbers[0]);
            return all;
        }
        return numbers;
    }

    private static Tensor gridSample(Call call) {
        GridSampling.Interpolation interpolation =
                switch (call.oneOf("mode", "bilinear", "nearest", "bicubic")) {
                    case "nearest" -> GridSampling.Interpolation.NEAREST;
                    case "bicubic" -> GridSampling.Interpolation.CUBIC;
                    default -> GridSampling.Interpolation.LINEAR;
                };
        GridSampling.Outside outside =
                switch (call.oneOf("padding_mode", "zeros", "border", "reflection")) {
                    case "border" -> GridSampling.Outside.BORDER;
                    case "reflection" -> GridSampling.Outside.REFLECTION;
                    default -> GridSampling.Outside.ZEROS;
                };
        return call.in("x")
                .gridSample(
                        call.in("grid"),
                        new GridSampling(interpolation, outside, call.flag("align_corners")));
    }

    private static Tensor affineGrid(Call call) {
        int[] size = call.integers("size");
        return call.in("theta")
                .affineGrid(call.flag("align_corners"), Arrays.copyOfRange(size, 2, size.length));
    }

    private static Tensor average(Call call, int rank) {
        boolean count = !call.has("count_include_pad") || call.flag("count_include_pad");
        Pooling how =
                pooling(call).countPadding(count).divisor(call.integer("divisor_override", 0));
        Tensor x = call.in("x");
        return switch (rank) {
            case 1 -> x.avgPool1d(how);
            case 2 -> x.avgPool2d(how);
            default -> x.avgPool3d(how);
        };
    }

    private static Tensor power(Call call, int rank) {
        Tensor x = call.in("x");
        double order = call.number("norm_type", 2);
        Pooling how = pooling(call);
        return switch (rank) {
            case 1 -> x.lpPool1d(order, how);
            case 2 -> x.lpPool2d(order, how);
            default -> x.lpPool3d(order, how);
        };
    }

    private static Tensor adaptiveAverage(Call call, int rank) {
        Tensor x = call.in("x");
        int[] size = call.integers("output_size");
        return switch (rank) {
            case 1 -> x.adaptiveAvgPool1d(size);
            case 2 -> x.adaptiveAvgPool2d(size);
            default -> x.adaptiveAvgPool3d(size);
        };
    }

    private static List<Tensor> adaptiveLargest(Call call, int rank) {
        Tensor x = call.in("x");
        int[] size = call.integers("output_size");
        List<Tensor> both =
                switch (rank) {
                    case 1 -> x.adaptiveMaxPool1dWithIndices(size);
                    case 2 -> x.adaptiveMaxPool2dWithIndices(size);
                    default -> x.adaptiveMaxPool3dWithIndices(size);
                };
        return call.flag("return_indices") ? both : both.subList(0, 1);
    }

    // The mean of all that falls on a place.
    private static Tensor area(Call call) {
        Tensor x = call.in("x");
        int[] size = call.integers("size");
        return switch (x.shape().rank()) {
            case 3 -> x.adaptiveAvgPool1d(size);
            case 4 -> x.adaptiveAvgPool2d(size);
            default -> x.adaptiveAvgPool3d(size);
        };
    }

    private static double[] scales(Call call, Tensor x) {
        double[] scale = call.numbers("scale_factor");
        int rank = x.shape().rank() - 2;
        if (scale.length == 0) {
            scale = new double[rank];
            Arrays.fill(scale, call.number("scale_factor"));
        }
        return scale;
    }

    private static Tensor nearest(Call call) {
        Tensor x = call.in("x");
        return call.has("size")
                ? x.resizeNearest(call.integers("size"))
                : x.scaleNearest(scales(call, x));
    }

    private static Tensor nearestExact(Call call) {
        Tensor x = call.in("x");
        return call.has("size")
                ? x.resizeNearestExact(call.integers("size"))
                : x.scaleNearestExact(scales(call, x));
    }

    private static Tensor cubic(Call call) {
        Tensor x = call.in("x");
        boolean corners = call.flag("align_corners");
        return call.has("size")
                ? x.resizeCubic(corners, call.integers("size"))
                : x.scaleCubic(corners, scales(call, x));
    }

    private static Tensor linear(Call call) {
        Tensor x = call.in("x");
        boolean corners = call.flag("align_corners");
        return call.has("size")
                ? x.resizeLinear(corners, call.integers("size"))
                : x.scaleLinear(corners, scales(call, x));
    }

    private static Tensor resized(Call call) {
        if (call.flag("antialias")) {
            throw new Unsupported("attribute antialias = true");
        }
        return switch (call.oneOf(
                "mode",
                "nearest",
                "nearest-exact",
                "linear",
                "bilinear",
                "trilinear",
                "bicubic",
                "area")) {
            case "nearest" -> nearest(call);
            case "nearest-exact" -> nearestExact(call);
            case "bicubic" -> cubic(call);
            case "area" -> area(call);
            default -> linear(call);
        };
    }

    // Pairs of before and after, the last dimension first.
    private static Tensor padded(Call call) {
        Tensor x = call.in("x");
        int[] pairs = call.integers("pad");
        int rank = x.shape().rank();
        int[] before = new int[rank];
        int[] after = new int[rank];
        for (int i = 0; i < pairs.length / 2; i++) {
            before[rank - 1 - i] = pairs[2 * i];
            after[rank - 1 - i] = pairs[2 * i + 1];
        }
        return switch (call.oneOf("mode", "constant", "reflect", "replicate", "circular")) {
            case "reflect" -> x.padReflect(before, after);
            case "replicate" -> x.padReplicate(before, after);
            case "circular" -> x.padCircular(before, after);
            default -> x.pad(before, after, call.number("value", 0));
        };
    }

    private static Tensor folded(Call call) {
        return call.in("x")
                .col2im(call.integers("output_size"), call.integers("kernel_size"), windows(call));
    }

    private static int factor(Call call) {
        for (String name : List.of("upscale", "downscale", "upscale_factor", "downscale_factor")) {
            if (call.has(name)) {
                return call.integer(name);
            }
        }
        throw new Unsupported("the case has no upscale or downscale");
    }

    // Padding before (0) or after (1) each dimension.
    private static int[] side(Call call, int side) {
        return call.rows("pads").stream().mapToInt(pad -> pad.get(side).orElse(0)).toArray();
    }
}
