package org.gemel;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.gemel.op.Pad;
import org.gemel.op.Slice;

/// The cotangents of slices of one tensor, put together once all are known.
///
/// Parts that lie side by side are joined, with zeros in the gaps. The sum of padded parts, which
/// is the same, writes the whole tensor for each part: a loop over the steps of a sequence would
/// take the square of their number.
final class SliceCotangents {
    private record Part(Slice slice, Tensor cotangent) {}

    private final TensorType type;
    private final List<Part> parts = new ArrayList<>();

    SliceCotangents(TensorType type) {
        this.type = type;
    }

    /// Takes the handle over.
    void add(Slice slice, Tensor cotangent) {
        parts.add(new Part(slice, cotangent));
    }

    /// The handles that were taken over.
    List<Tensor> taken() {
        return parts.stream().map(Part::cotangent).toList();
    }

    /// The cotangent of the whole tensor.
    Tensor together() {
        if (parts.size() > 1) {
            for (int axis = 0; axis < type.shape().rank(); axis++) {
                if (sideBySide(axis)) {
                    return joined(axis);
                }
            }
        }
        return parts.stream().map(this::padded).reduce(Tensor::add).orElseThrow();
    }

    private Tensor padded(Part part) {
        return part.cotangent().padded(Pad.undoing(part.slice(), type.shape()));
    }

    // Whether all are runs along `axis` and everything along the others, and none meets another.
    private boolean sideBySide(int axis) {
        Shape shape = type.shape();
        for (Part part : parts) {
            Slice slice = part.slice();
            boolean run =
                    IntStream.range(0, shape.rank())
                            .allMatch(i ->
                                    slice.steps().get(i) == 1
                                            && (i == axis
                                                    || slice.counts().get(i) == shape.dim(i)));
            if (!run) {
                return false;
            }
        }
        parts.sort(Comparator.comparingInt(part -> part.slice().starts().get(axis)));
        int end = 0;
        for (Part part : parts) {
            if (part.slice().starts().get(axis) < end) {
                return false;
            }
            end = part.slice().starts().get(axis) + part.slice().counts().get(axis);
        }
        return true;
    }

    private Tensor joined(int axis) {
        List<Tensor> all = new ArrayList<>();
        int end = 0;
        for (Part part : parts) {
            int start = part.slice().starts().get(axis);
            addZeros(start - end, axis, all);
            all.add(part.cotangent());
            end = start + part.slice().counts().get(axis);
        }
        addZeros(type.shape().dim(axis) - end, axis, all);
        return Tensor.concat(all, axis);
    }

    private void addZeros(int count, int axis, List<Tensor> all) {
        if (count > 0) {
            all.add(Tensor.full(type.with(type.shape().with(axis, count)), 0));
        }
    }
}
