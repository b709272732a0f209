package org.gemel;

/// Element type and shape: all that shape and type inference needs to know of a tensor.
///
/// @param dtype the type of the elements
/// @param shape the dimensions
public record TensorType(DType dtype, Shape shape) {
    /// A type from its parts, as in `TensorType.of(F32, 64, 784)`.
    public static TensorType of(DType dtype, int... dims) {
        return new TensorType(dtype, Shape.of(dims));
    }

    /// The same shape with other elements.
    public TensorType with(DType other) {
        return dtype == other ? this : new TensorType(other, shape);
    }

    /// The same elements in another shape.
    public TensorType with(Shape other) {
        return shape.equals(other) ? this : new TensorType(dtype, other);
    }

    /// The memory a contiguous tensor of this type takes, in bytes.
    public long bytes() {
        return shape.size() * dtype.bytes();
    }

    @Override
    public int hashCode() {
        return shape.hashCode() * 31 + dtype.ordinal();
    }

    /// As in `f32[64, 784]`.
    @Override
    public String toString() {
        return dtype.toString() + shape;
    }
}
