package org.gemel.backend;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import org.gemel.Shape;
import org.gemel.TensorType;
import org.gemel.Value;
import org.gemel.ir.Layout;

/// What stands behind a tensor that has memory: a storage and where its elements lie in it.
///
/// @param storage the memory
/// @param type element type and shape
/// @param layout where the elements lie, in elements from the start of the storage
public record View(Storage storage, TensorType type, Layout layout) implements Value {
    /// A contiguous view of fresh memory, with its one hold.
    public static View allocate(TensorType type) {
        return new View(Storage.allocate(type), type, Layout.contiguous(type.shape()));
    }

    /// Where the first element lies.
    public long address() {
        return storage.address() + layout.offset() * type.dtype().bytes();
    }

    /// Whether the elements lie row-major without gaps.
    public boolean isContiguous() {
        return layout.isContiguous(type.shape());
    }

    /// Copies row-major elements of the host into this contiguous view.
    public void copyFrom(MemorySegment source) {
        MemorySegment.copy(source, 0, memory(), address(), type.bytes());
    }

    /// Sets every element of this contiguous view, which has at least one.
    public void fill(double value) {
        MemorySegment memory = memory();
        long at = address();
        int bytes = type.dtype().bytes();
        switch (type.dtype()) {
            case F32 -> memory.set(ValueLayout.JAVA_FLOAT, at, (float) value);
            case F64 -> memory.set(ValueLayout.JAVA_DOUBLE, at, value);
            case F16, BF16 ->
                    memory.set(ValueLayout.JAVA_SHORT, at, type.dtype().toBits((float) value));
            case I32 -> memory.set(ValueLayout.JAVA_INT, at, (int) value);
            case I64 -> memory.set(ValueLayout.JAVA_LONG, at, (long) value);
            case I8, U8, BOOL ->
                    memory.set(ValueLayout.JAVA_BYTE, at, (byte) type.dtype().round(value));
        }
        // Twice as much with every copy.
        for (long done = bytes; done < type.bytes(); done *= 2) {
            MemorySegment.copy(memory, at, memory, at + done, Math.min(done, type.bytes() - done));
        }
    }

    @Override
    public void copyTo(MemorySegment target) {
        if (type.shape().size() == 0) {
            return;
        }
        if (isContiguous()) {
            MemorySegment.copy(memory(), address(), target, 0, type.bytes());
        } else {
            copyTo(target, 0, 0, address());
        }
        // The copy sees an address only: the collector must not find the memory meanwhile.
        Reference.reachabilityFence(storage);
    }

    private long copyTo(MemorySegment target, long at, int axis, long from) {
        Shape shape = type.shape();
        int bytes = type.dtype().bytes();
        if (axis == shape.rank()) {
            MemorySegment.copy(memory(), from, target, at, bytes);
            return at + bytes;
        }
        long next = at;
        long stride = layout.strides().get(axis) * bytes;
        for (int i = 0; i < shape.dim(axis); i++) {
            next = copyTo(target, next, axis + 1, from + i * stride);
        }
        return next;
    }

    private static MemorySegment memory() {
        return MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
    }

    @Override
    public String placeholder() {
        return "";
    }

    @Override
    public void retain() {
        storage.retain();
    }

    @Override
    public void release() {
        storage.release();
    }
}
