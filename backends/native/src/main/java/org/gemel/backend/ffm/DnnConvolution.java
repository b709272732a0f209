package org.gemel.backend.ffm;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.gemel.backend.Storage;
import org.gemel.op.Conv;

/// A piece of a convolution, or of one of its cotangents, as primitives of oneDNN: copies of the
/// operands into the order that it likes, the convolution, and a copy back.
final class DnnConvolution {
    private static final int DIFF = 128;
    private static final int SOURCE = 1;
    private static final int DESTINATION = 17;
    private static final int WEIGHT = 33;
    private static final int SCRATCHPAD = 80;
    private static final int ASK = 128;
    private static final int ASK_SOURCE = ASK + 1;
    private static final int ASK_WEIGHT = ASK + 3;
    private static final int ASK_DESTINATION = ASK + 5;
    private static final int ASK_SCRATCHPAD = ASK + 8;

    /// How an array lies.
    record Lie(long[] dims, long[] strides) {}

    /// An argument of the convolution, and how the caller has it.
    ///
    /// @param reorder the copy between both; nothing if they are the same
    private record Side(
            int index, MemorySegment plain, MemorySegment liked, Optional<MemorySegment> reorder) {}

    private final Dnn dnn;
    private final MemorySegment primitive;
    private final Side first;
    private final Side second;
    private final Side result;
    private final MemorySegment scratchpad;

    private DnnConvolution(
            Dnn dnn, Conv.Kind kind, Lie x, Lie weight, Lie y, MemorySegment description) {
        this.dnn = dnn;
        this.primitive = dnn.primitive(description);
        boolean output = kind == Conv.Kind.OUTPUT;
        boolean input = kind == Conv.Kind.INPUT;
        int diff = output ? 0 : DIFF;
        int ask = output ? 0 : 1;
        Side source =
                side(
                        description,
                        SOURCE + (input ? DIFF : 0),
                        ASK_SOURCE + (input ? 1 : 0),
                        x,
                        input);
        Side weights =
                side(
                        description,
                        WEIGHT + (output || input ? 0 : DIFF),
                        ASK_WEIGHT + (output || input ? 0 : 1),
                        weight,
                        !output && !input);
        Side destination = side(description, DESTINATION + diff, ASK_DESTINATION + ask, y, output);
        this.first = input ? destination : source;
        this.second = output || input ? weights : destination;
        this.result = output ? destination : input ? source : weights;
        this.scratchpad = dnn.query(description, ASK_SCRATCHPAD);
    }

    /// The primitives; nothing if oneDNN has none for it.
    static Optional<DnnConvolution> of(
            Dnn dnn, Conv.Kind kind, Lie x, Lie weight, Lie y, Dnn.Steps steps) {
        dnn.alone();
        MemorySegment anyX = dnn.descriptor(x.dims);
        MemorySegment anyWeight = dnn.descriptor(weight.dims);
        MemorySegment anyY = dnn.descriptor(y.dims);
        Optional<MemorySegment> description =
                switch (kind) {
                    case OUTPUT -> dnn.forward(anyX, anyWeight, anyY, steps);
                    case INPUT -> dnn.backwardData(anyX, anyWeight, anyY, steps);
                    case WEIGHT -> dnn.backwardWeights(anyX, anyWeight, anyY, steps);
                };
        return description.map(made -> new DnnConvolution(dnn, kind, x, weight, y, made));
    }

    private Side side(MemorySegment description, int index, int ask, Lie lie, boolean back) {
        MemorySegment plain = dnn.descriptor(lie.dims, lie.strides);
        MemorySegment liked = dnn.query(description, ask);
        Optional<MemorySegment> copy =
                dnn.equal(plain, liked)
                        ? Optional.empty()
                        : Optional.of(
                                dnn.primitive(
                                        back
                                                ? dnn.reorder(liked, plain)
                                                : dnn.reorder(plain, liked)));
        return new Side(index, plain, liked, copy);
    }

    /// Computes it on the calling thread.
    ///
    /// @param a the address of its first operand
    /// @param b the address of its second one
    /// @param c the address of its result
    void run(long a, long b, long c) {
        dnn.alone();
        List<Storage> taken = new ArrayList<>();
        try {
            long to = result.reorder.isEmpty() ? c : Operand.take(dnn.size(result.liked), taken);
            dnn.execute(
                    primitive,
                    new Dnn.Argument(first.index, first.liked, liked(first, a, taken)),
                    new Dnn.Argument(second.index, second.liked, liked(second, b, taken)),
                    new Dnn.Argument(result.index, result.liked, to),
                    new Dnn.Argument(
                            SCRATCHPAD, scratchpad, Operand.take(dnn.size(scratchpad), taken)));
            result.reorder.ifPresent(copy -> copy(copy, result.liked, to, result.plain, c));
        } finally {
            taken.forEach(Storage::release);
        }
    }

    private long liked(Side side, long given, List<Storage> taken) {
        if (side.reorder.isEmpty()) {
            return given;
        }
        long to = Operand.take(dnn.size(side.liked), taken);
        copy(side.reorder.get(), side.plain, given, side.liked, to);
        return to;
    }

    private void copy(
            MemorySegment copy, MemorySegment plain, long from, MemorySegment liked, long to) {
        dnn.execute(
                copy,
                new Dnn.Argument(SOURCE, plain, from),
                new Dnn.Argument(DESTINATION, liked, to));
    }
}
