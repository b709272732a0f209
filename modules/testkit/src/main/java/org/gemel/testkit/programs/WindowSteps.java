package org.gemel.testkit.programs;

import static org.gemel.testkit.programs.Draft.step;
import static org.gemel.testkit.programs.Draft.text;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.gemel.Convolution;
import org.gemel.DType;
import org.gemel.Pooling;
import org.gemel.Shape;

/// Steps with windows: convolution, pooling, resizing, windows as columns.
final class WindowSteps {
    static final List<Maker> ALL =
            List.of(
                    WindowSteps::convolution,
                    WindowSteps::convolution,
                    WindowSteps::transposed,
                    WindowSteps::volume,
                    WindowSteps::lines,
                    WindowSteps::shuffled,
                    WindowSteps::pooling,
                    WindowSteps::pooling,
                    WindowSteps::resized);

    private WindowSteps() {}

    // Something like an image, or a row of them.
    private static OptionalInt image(Draft draft, int spatial) {
        OptionalInt found =
                draft.line(type ->
                        type.dtype().isFloating()
                                && type.shape().rank() == spatial + 2
                                && Arrays.stream(type.shape().dims()).skip(1).allMatch(d -> d > 1));
        if (found.isPresent() || draft.once(2)) {
            return found;
        }
        int[] dims = new int[spatial + 2];
        Arrays.setAll(dims, i -> draft.between(i == 0 ? 1 : 2, i < 2 ? 4 : 9));
        return draft.input(draft.once(3) ? DType.F64 : DType.F32, dims);
    }

    private static Optional<Program.Step> convolution(Draft draft) {
        int spatial = draft.between(1, 2);
        OptionalInt x = image(draft, spatial);
        if (x.isEmpty()) {
            return Optional.empty();
        }
        Shape shape = draft.shape(x.getAsInt());
        int channels = shape.dim(1);
        int groups = draft.once(4) ? channels : 1;
        int[] dims = new int[spatial + 2];
        Arrays.setAll(dims, _ -> draft.between(1, 3));
        dims[0] = groups * draft.between(1, 4);
        dims[1] = channels / groups;
        int stride = draft.between(1, 2);
        int padding = draft.between(0, 2);
        int dilation = draft.between(1, 2);
        Convolution how =
                Convolution.of().stride(stride).padding(padding).dilation(dilation).groups(groups);
        String call =
                "Convolution.of().stride(%d).padding(%d).dilation(%d).groups(%d)"
                        .formatted(stride, padding, dilation, groups);
        OptionalInt weight = draft.input(draft.type(x.getAsInt()).dtype(), dims);
        return spatial == 1
                ? step(
                        "{0}.conv1d({1}, " + call + ")",
                        in -> in.get(0).conv1d(in.get(1), how),
                        x,
                        weight)
                : step(
                        "{0}.conv2d({1}, " + call + ")",
                        in -> in.get(0).conv2d(in.get(1), how),
                        x,
                        weight);
    }

    private static Optional<Program.Step> transposed(Draft draft) {
        OptionalInt x = image(draft, 2);
        if (x.isEmpty()) {
            return Optional.empty();
        }
        int stride = draft.between(1, 2);
        Convolution how = Convolution.of().stride(stride);
        OptionalInt weight =
                draft.input(
                        draft.type(x.getAsInt()).dtype(),
                        draft.shape(x.getAsInt()).dim(1),
                        draft.between(1, 3),
                        draft.between(1, 3),
                        draft.between(1, 3));
        return step(
                "{0}.convTranspose2d({1}, Convolution.of().stride(" + stride + "))",
                in -> in.get(0).convTranspose2d(in.get(1), how),
                x,
                weight);
    }

    private static Optional<Program.Step> volume(Draft draft) {
        OptionalInt x = image(draft, 3);
        if (x.isEmpty()) {
            return Optional.empty();
        }
        DType dtype = draft.type(x.getAsInt()).dtype();
        int channels = draft.shape(x.getAsInt()).dim(1);
        int outputs = draft.between(1, 3);
        int padding = draft.below(2);
        Convolution how = Convolution.of().padding(padding);
        Pooling pool = Pooling.of(2).stride(1);
        return switch (draft.below(4)) {
            case 0 ->
                    step(
                            "{0}.conv3d({1}, {2}, Convolution.of().padding(" + padding + "))",
                            in -> in.get(0).conv3d(in.get(1), in.get(2), how),
                            x,
                            draft.input(dtype, outputs, channels, 2, 1, 2),
                            draft.input(dtype, outputs));
            case 1 ->
                    step(
                            "{0}.convTranspose3d({1}, Convolution.of())",
                            in -> in.get(0).convTranspose3d(in.get(1), Convolution.of()),
                            x,
                            draft.input(dtype, channels, outputs, 1, 2, 2));
            case 2 ->
                    step(
                            "{0}.maxPool3d(Pooling.of(2).stride(1))",
                            in -> in.getFirst().maxPool3d(pool), x);
            default ->
                    step(
                            "{0}.avgPool3d(Pooling.of(2).stride(1))",
                            in -> in.getFirst().avgPool3d(pool), x);
        };
    }

    private static Optional<Program.Step> lines(Draft draft) {
        OptionalInt x = image(draft, 1);
        if (x.isEmpty()) {
            return Optional.empty();
        }
        DType dtype = draft.type(x.getAsInt()).dtype();
        int channels = draft.shape(x.getAsInt()).dim(1);
        int outputs = draft.between(1, 3);
        int stride = draft.between(1, 3);
        Convolution how = Convolution.of().stride(stride).padding(1);
        Pooling pool = Pooling.of(3).stride(stride).padding(1);
        String call = "Pooling.of(3).stride(" + stride + ").padding(1)";
        return switch (draft.below(5)) {
            case 0 ->
                    step(
                            "{0}.conv1d({1}, {2}, Convolution.of().stride(%d).padding(1))"
                                    .formatted(stride),
                            in -> in.get(0).conv1d(in.get(1), in.get(2), how),
                            x,
                            draft.input(dtype, outputs, channels, 3),
                            draft.input(dtype, outputs));
            case 1 ->
                    step(
                            "{0}.convTranspose1d({1}, Convolution.of().stride(%d).padding(1))"
                                    .formatted(stride),
                            in -> in.get(0).convTranspose1d(in.get(1), how),
                            x,
                            draft.input(dtype, channels, outputs, 3));
            case 2 -> step("{0}.maxPool1d(" + call + ")", in -> in.getFirst().maxPool1d(pool), x);
            case 3 -> step("{0}.avgPool1d(" + call + ")", in -> in.getFirst().avgPool1d(pool), x);
            default ->
                    step("{0}.adaptiveMaxPool1d(2)", in -> in.getFirst().adaptiveMaxPool1d(2), x);
        };
    }

    private static Optional<Program.Step> shuffled(Draft draft) {
        OptionalInt x = image(draft, 2);
        Convolution how = Convolution.of().stride(2).padding(1);
        return switch (draft.below(4)) {
            case 0 -> step("{0}.pixelShuffle(2)", in -> in.getFirst().pixelShuffle(2), x);
            case 1 -> step("{0}.pixelUnshuffle(2)", in -> in.getFirst().pixelUnshuffle(2), x);
            case 2 ->
                    step(
                            "{0}.instanceNorm(Optional.empty(), Optional.empty(), 1e-3)",
                            in ->
                                    in.getFirst()
                                            .instanceNorm(Optional.empty(), Optional.empty(), 1e-3),
                            x);
            default ->
                    step(
                            "{0}.im2col(new int[] {3, 2}, c).col2im(.., new int[] {3, 2}, c),"
                                    + " c = Convolution.of().stride(2).padding(1)",
                            in -> {
                                Shape shape = in.getFirst().shape();
                                int[] size = {shape.dim(2), shape.dim(3)};
                                int[] kernel = {3, 2};
                                return in.getFirst().im2col(kernel, how).col2im(size, kernel, how);
                            },
                            x);
        };
    }

    private static Optional<Program.Step> pooling(Draft draft) {
        OptionalInt x = image(draft, 2);
        int kernel = draft.between(1, 3);
        int stride = draft.between(1, 3);
        int padding = draft.between(0, kernel / 2);
        Pooling how = Pooling.of(kernel).stride(stride).padding(padding);
        String call = "Pooling.of(%d).stride(%d).padding(%d)".formatted(kernel, stride, padding);
        return switch (draft.below(5)) {
            case 0 -> step("{0}.maxPool2d(" + call + ")", in -> in.getFirst().maxPool2d(how), x);
            case 1 -> step("{0}.avgPool2d(" + call + ")", in -> in.getFirst().avgPool2d(how), x);
            case 2 ->
                    step(
                            "{0}.maxPool2dWithIndices(" + call + ").getLast()",
                            in -> in.getFirst().maxPool2dWithIndices(how).getLast(),
                            x);
            case 3 ->
                    step(
                            "{0}.adaptiveAvgPool2d(2, 3)",
                            in -> in.getFirst().adaptiveAvgPool2d(2, 3), x);
            default ->
                    step("{0}.lpPool2d(2, " + call + ")", in -> in.getFirst().lpPool2d(2, how), x);
        };
    }

    private static Optional<Program.Step> resized(Draft draft) {
        OptionalInt x = image(draft, 2);
        int height = draft.between(1, 7);
        int width = draft.between(1, 7);
        boolean corners = draft.once(2);
        String size = text(height, width);
        return switch (draft.below(4)) {
            case 0 ->
                    step(
                            "{0}.resizeNearest(" + size + ")",
                            in -> in.getFirst().resizeNearest(height, width),
                            x);
            case 1 ->
                    step(
                            "{0}.resizeLinear(" + corners + ", " + size + ")",
                            in -> in.getFirst().resizeLinear(corners, height, width),
                            x);
            case 2 ->
                    step(
                            "{0}.im2col(new int[] {2, 2}, Convolution.of())",
                            in -> in.getFirst().im2col(new int[] {2, 2}, Convolution.of()), x);
            default ->
                    step(
                            "{0}.adaptiveMaxPool2d(2, 2)",
                            in -> in.getFirst().adaptiveMaxPool2d(2, 2), x);
        };
    }
}
